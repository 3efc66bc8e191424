//! The statements, as text and as a session knows them.

use tokio_postgres::{Client, Error, Statement};

use crate::options::Commits;

/// The name of the function that commits. The number rises with each change, so that two versions work side by side.
pub(crate) const FUNCTION: &str = "land_1";

/// The statements that a session has prepared.
pub(crate) struct Statements {
    pub(crate) load: Statement,
    pub(crate) page: Statement,
    pub(crate) begin: Statement,
    pub(crate) commit: Statement,
    pub(crate) rollback: Statement,
    pub(crate) remember: Statement,
    pub(crate) confirm: Statement,
    pub(crate) put_new: Statement,
    pub(crate) put: Statement,
    pub(crate) remove: Statement,
    pub(crate) check: Statement,
    pub(crate) turn: Statement,
    pub(crate) sweep_entries: Statement,
    pub(crate) sweep_tokens: Statement,
    /// The function, where commits go by it.
    pub(crate) land: Option<Statement>,
}

impl Statements {
    /// Prepares them all, in one round trip.
    ///
    /// # Errors
    /// The connection failed, or the tables are not there.
    pub(crate) async fn prepare(
        client: &Client,
        schema: &str,
        commits: Commits,
    ) -> Result<Self, Error> {
        let texts = Texts::of(schema);
        let land = async {
            match commits {
                Commits::Statements => Ok(None),
                Commits::Function => client.prepare(&texts.land).await.map(Some),
            }
        };
        let (load, page, begin, commit, rollback, remember, confirm) = tokio::try_join!(
            client.prepare(&texts.load),
            client.prepare(&texts.page),
            client.prepare("BEGIN ISOLATION LEVEL READ COMMITTED"),
            client.prepare("COMMIT"),
            client.prepare("ROLLBACK"),
            client.prepare(&texts.remember),
            client.prepare(&texts.confirm),
        )?;
        let (put_new, put, remove, check, turn, sweep_entries, sweep_tokens, land) = tokio::try_join!(
            client.prepare(&texts.put_new),
            client.prepare(&texts.put),
            client.prepare(&texts.remove),
            client.prepare(&texts.check),
            client.prepare("SELECT pg_try_advisory_xact_lock($1)"),
            client.prepare(&texts.sweep_entries),
            client.prepare(&texts.sweep_tokens),
            land,
        )?;
        Ok(Self {
            load,
            page,
            begin,
            commit,
            rollback,
            remember,
            confirm,
            put_new,
            put,
            remove,
            check,
            turn,
            sweep_entries,
            sweep_tokens,
            land,
        })
    }
}

struct Texts {
    load: String,
    page: String,
    remember: String,
    confirm: String,
    put_new: String,
    put: String,
    remove: String,
    check: String,
    sweep_entries: String,
    sweep_tokens: String,
    land: String,
}

impl Texts {
    fn of(schema: &str) -> Self {
        let entry = format!("\"{schema}\".entry");
        let token = format!("\"{schema}\".token");
        let next = format!("nextval('\"{schema}\".version')");
        // The rows of a sweep are chosen once and locked; those that a commit works on are left for the next round.
        let ended = |table: &str, name: &str| {
            format!(
                "DELETE FROM {table} WHERE {name} = ANY(ARRAY(SELECT {name} FROM {table} \
                 WHERE ends <= $1 ORDER BY ends LIMIT $2 FOR UPDATE SKIP LOCKED))"
            )
        };
        Self {
            load: format!("SELECT k, v, ver, ends FROM {entry} WHERE k = ANY($1)"),
            page: format!(
                "SELECT k, v, ver, ends FROM {entry} \
                 WHERE k >= $1 AND k < $2 AND k > $3 ORDER BY k LIMIT $4"
            ),
            remember: format!(
                "INSERT INTO {token} (token, ends) VALUES ($1, $2) ON CONFLICT DO NOTHING"
            ),
            confirm: format!("UPDATE {token} SET ends = ends WHERE token = $1"),
            put_new: format!(
                "INSERT INTO {entry} (k, v, ver, ends) VALUES ($1, $2, {next}, $3) \
                 ON CONFLICT DO NOTHING"
            ),
            put: format!(
                "UPDATE {entry} SET v = $3, ver = {next}, ends = $4 WHERE k = $1 AND ver = $2"
            ),
            remove: format!("DELETE FROM {entry} WHERE k = $1 AND ver = $2"),
            check: format!("SELECT 1 FROM {entry} WHERE k = $1 AND ver = $2 FOR SHARE"),
            sweep_entries: ended(&entry, "k"),
            sweep_tokens: ended(&token, "token"),
            land: format!("SELECT \"{schema}\".{FUNCTION}($1, $2, $3, $4, $5, $6, $7)"),
        }
    }
}
