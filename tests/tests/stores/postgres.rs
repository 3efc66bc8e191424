//! The store for many nodes keeps the contract, by plain statements and by its function, in partitions, and across openings.

mod by_statements {
    use userpool_tests::postgres::{Housed, Schema};

    userpool_store_contract::storage_contract!(|| Housed::new("commits=statements"));
    userpool_store_contract::storage_contract_across_threads!(|| Housed::new("commits=statements"));
    userpool_store_contract::storage_contract_across_openings!(|| Schema::new(
        "commits=statements"
    ));
}

mod by_function {
    use userpool_tests::postgres::{Housed, Schema};

    userpool_store_contract::storage_contract!(|| Housed::new("commits=function"));
    userpool_store_contract::storage_contract_across_threads!(|| Housed::new("commits=function"));
    userpool_store_contract::storage_contract_across_openings!(|| Schema::new("commits=function"));
}

mod in_partitions {
    use userpool_tests::postgres::{Housed, Schema};

    userpool_store_contract::storage_contract!(|| Housed::new("partitions=16"));
    userpool_store_contract::storage_contract_across_threads!(|| Housed::new("partitions=16"));
    userpool_store_contract::storage_contract_across_openings!(|| Schema::new("partitions=16"));
}
