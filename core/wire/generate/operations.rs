//! The operation table, and which request belongs to which operation.

use std::fmt::Write;

use crate::model::Model;
use crate::names::constant;

/// The text of `operations.rs`, from (module, variant of `Service`, model) for each service.
pub fn file(services: &[(&str, &str, &Model)]) -> String {
    let mut table = String::new();
    let mut requests = String::new();
    let mut at = 0;
    for (module, service, model) in services {
        for operation in &model.operations {
            let auth = if operation.signed {
                "Signed"
            } else {
                "Unsigned"
            };
            let reply = operation
                .output
                .as_ref()
                .map_or("Empty".to_owned(), |name| format!("{module}::{name}"));
            writeln!(
                table,
                "    OperationSpec {{\n        name: {:?},\n        service: Service::{service},\n        auth: Auth::{auth},\n        \
                 read_only: {},\n        errors: &{:?},\n        has_output: {},\n        input: &{module}::rules::{},\n        output: {},\n    }},",
                operation.name,
                operation.read_only,
                operation.errors,
                operation.output.is_some(),
                constant(&operation.input),
                operation.output.as_ref().map_or("None".to_owned(), |name| format!("Some(&{module}::rules::{})", constant(name))),
            )
            .expect("text grows");
            writeln!(
                requests,
                "\nimpl Request for {module}::{} {{\n    const OPERATION: &'static OperationSpec = &OPERATIONS[{at}];\n\n    \
                 type Reply = {reply};\n}}",
                operation.input,
            )
            .expect("text grows");
            at += 1;
        }
    }
    let each: Vec<String> = services
        .iter()
        .flat_map(|(module, _, model)| {
            model
                .operations
                .iter()
                .map(move |it| format!("        $visit!({module}::{});", it.input))
        })
        .collect();
    let each = each.join("\n");
    format!(
        "//! The operations of both services.\n\nuse super::{{identity, idp}};\nuse crate::operation::{{Auth, OperationSpec, Request, Service}};\n\
         use crate::scalar::Empty;\n\n/// Every operation of both services, each service in alphabetical order.\n\
         pub static OPERATIONS: &[OperationSpec] = &[\n{table}];\n{requests}\n\
         /// Calls a macro with the request type of each operation, as a path below the crate: `idp::SignUpRequest`.\n\
         #[macro_export]\nmacro_rules! for_each_request {{\n    ($visit:ident) => {{\n{each}\n    }};\n}}\n"
    )
}
