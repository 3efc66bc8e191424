//! A bare client: one connection that sends what the store sends for a commit, and nothing else.
//!
//! It lends no connections, limits no wait, tries nothing again and tells no outcome but the good one.

use tokio_postgres::{Client, Error, NoTls, Statement, types::ToSql};
use userpool_ports::{Batch, Change, Expect, Write, storage::TOKEN_LIFE_MILLIS};

/// A connection with its statements; the texts are those of `userpool-postgres`.
pub(crate) struct Bare {
    client: Client,
    begin: Statement,
    remember: Statement,
    put: Statement,
    commit: Statement,
    land: Statement,
}

impl Bare {
    /// Connects to a server on this machine. The tables and the function of the schema are there.
    pub(crate) async fn connect(port: u16, schema: &str) -> Result<Self, Error> {
        let words = format!("host=127.0.0.1 port={port} user=postgres dbname=postgres");
        let (client, connection) = tokio_postgres::connect(&words, NoTls).await?;
        tokio::spawn(connection);
        let put = format!(
            "UPDATE \"{schema}\".entry SET v = $3, ver = nextval('\"{schema}\".version'), ends = $4 \
             WHERE k = $1 AND ver = $2"
        );
        let remember = format!(
            "INSERT INTO \"{schema}\".token (token, ends) VALUES ($1, $2) ON CONFLICT DO NOTHING"
        );
        let land = format!("SELECT \"{schema}\".land_1($1, $2, $3, $4, $5, $6, $7)");
        Ok(Self {
            begin: client
                .prepare("BEGIN ISOLATION LEVEL READ COMMITTED")
                .await?,
            remember: client.prepare(&remember).await?,
            put: client.prepare(&put).await?,
            commit: client.prepare("COMMIT").await?,
            land: client.prepare(&land).await?,
            client,
        })
    }

    /// Commits two puts over entries as they are, by statements: all at once, then `COMMIT`.
    pub(crate) async fn by_statements(&self, batch: &Batch) -> Result<(), Error> {
        let (token, forgotten) = (&batch.token[..], forgotten(batch));
        let [one, other] = &batch.writes[..] else {
            panic!("a batch of this bench has two writes");
        };
        let remember: [&(dyn ToSql + Sync); 2] = [&token, &forgotten];
        let counts = tokio::try_join!(
            self.client.execute(&self.begin, &[]),
            self.client.execute(&self.remember, &remember),
            self.put(one),
            self.put(other),
        )?;
        assert_eq!(counts, (0, 1, 1, 1), "nobody else writes here");
        self.client.execute(&self.commit, &[]).await.map(drop)
    }

    async fn put(&self, write: &Write) -> Result<u64, Error> {
        let (version, value) = parts(write);
        let (key, ends) = (write.key.as_bytes(), None::<i64>);
        let parameters: [&(dyn ToSql + Sync); 4] = [&key, &version, &value, &ends];
        self.client.execute(&self.put, &parameters).await
    }

    /// Commits the same by the function.
    pub(crate) async fn by_function(&self, batch: &Batch) -> Result<(), Error> {
        let (token, forgotten) = (&batch.token[..], forgotten(batch));
        let writes = &batch.writes;
        let kinds = vec![0_i16; writes.len()];
        let keys: Vec<&[u8]> = writes.iter().map(|write| write.key.as_bytes()).collect();
        let (versions, values): (Vec<i64>, Vec<&[u8]>) = writes.iter().map(parts).unzip();
        let ends = vec![None::<i64>; writes.len()];
        let parameters: [&(dyn ToSql + Sync); 7] =
            [&token, &forgotten, &kinds, &keys, &versions, &values, &ends];
        let landed = self.client.execute(&self.land, &parameters).await?;
        assert_eq!(landed, 1, "nobody else writes here");
        Ok(())
    }
}

/// The version that a put replaces, and what it puts.
fn parts(write: &Write) -> (i64, &[u8]) {
    match (&write.expect, &write.change) {
        (Expect::At(version), Change::Put { value, .. }) => (version.raw().cast_signed(), value),
        _ => panic!("a batch of this bench puts over what is there"),
    }
}

fn forgotten(batch: &Batch) -> i64 {
    batch.now.millis() + TOKEN_LIFE_MILLIS
}
