//! Every operation this version has, by its protocol name.

use alloc::{boxed::Box, string::ToString};

use userpool_wire::{Encode, OperationSpec, Rejection, Request, parse};

use crate::engine::{Cx, Output, Program, Refusal, RefusalKind, Run};

/// What an operation is: a function of the engine's view and its request.
pub type Function<R> = fn(&mut Cx<'_>, &R) -> Run<<R as Request>::Reply>;

/// Binds an operation to a request that was built in this program; the output is the typed reply.
///
/// Constraints that the service model states are not checked again: whoever builds a request by hand
/// parses it with [`typed`].
#[must_use]
pub fn bind<R>(function: Function<R>, request: R) -> Program
where
    R: Request + Send + 'static,
    R::Reply: Send + 'static,
{
    Box::new(move |cx| function(cx, &request).map(|reply| Box::new(reply) as Output))
}

/// Binds an operation to a request on the wire; the output is the reply's JSON text as bytes.
fn wire<R>(function: Function<R>, body: &[u8]) -> Result<Program, Refusal>
where
    R: Request + Send + 'static,
{
    let request: R = parse(body).map_err(refusal)?;
    Ok(Box::new(move |cx| {
        function(cx, &request).map(|reply| Box::new(reply.to_json()) as Output)
    }))
}

fn refusal(rejection: Rejection) -> Refusal {
    let kind = match rejection {
        Rejection::Serialization(_) => RefusalKind::Serialization,
        Rejection::Invalid(_) => RefusalKind::InvalidParameter,
    };
    Refusal::new(kind, rejection.message().to_string())
}

macro_rules! operations {
    ($($service:ident { $($name:ident => $function:path,)* })*) => {
        /// Binds the operation of this specification to a request on the wire.
        ///
        /// # Errors
        /// The body is not what the operation takes, or this version does not have the operation.
        pub fn program(operation: &OperationSpec, body: &[u8]) -> Result<Program, Refusal> {
            match (operation.service, operation.name) {
                $($((userpool_wire::Service::$service, stringify!($name)) => wire($function, body),)*)*
                _ => Err(Refusal::new(
                    RefusalKind::UnsupportedOperation,
                    alloc::format!("{} is not supported by this version of userpool.", operation.name),
                )),
            }
        }

        /// The names of the operations that this version has, by service.
        pub const SUPPORTED: &[(userpool_wire::Service, &str)] =
            &[$($((userpool_wire::Service::$service, stringify!($name)),)*)*];
    };
}

operations! {
    UserPools {
    }
}
