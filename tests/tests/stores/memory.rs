//! The reference store keeps its own contract, on one thread and behind a lock.

mod one_thread {
    use std::cell::RefCell;

    use userpool_ports::memory::MemoryStore;

    userpool_store_contract::storage_contract!(Box::<RefCell<MemoryStore>>::default);
}

mod shared {
    use userpool_tests::shared_memory::SharedMemory;

    userpool_store_contract::storage_contract!(Box::<SharedMemory>::default);
    userpool_store_contract::storage_contract_across_threads!(Box::<SharedMemory>::default);
}
