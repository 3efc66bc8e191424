//! Sweeping: in small steps, by one store at a time.

use tokio_postgres::{Error, types::ToSql};
use userpool_ports::{StoreFault, Timestamp};

use crate::{
    connect::{Asked, at_once},
    locks::Lock,
    pool::{Lent, Pool},
    trouble::Trouble,
};

/// How many rows one transaction removes.
const STEP: usize = 1_000;

/// Removes at most `max` rows that have ended; none while another store does.
///
/// # Errors
/// The server failed. It is not tried again: the next round comes soon.
pub(crate) async fn sweep(pool: &Pool, now: Timestamp, max: usize) -> Result<usize, StoreFault> {
    let mut swept = 0;
    while swept < max {
        let step = STEP.min(max - swept);
        let mut link = pool.lend(pool.deadline()).await?;
        link.begin();
        let of_step = step_of(pool, &link, now, step).await;
        let of_step = match of_step {
            Ok(of_step) => of_step,
            Err(trouble) => {
                if matches!(trouble, Trouble::Broken(_)) {
                    link.broke();
                }
                return Err(trouble.into_fault());
            }
        };
        link.end();
        swept += of_step;
        if of_step < step {
            break;
        }
    }
    Ok(swept)
}

async fn step_of(
    pool: &Pool,
    link: &Lent<'_>,
    now: Timestamp,
    step: usize,
) -> Result<usize, Trouble> {
    let (client, statements) = (&link.session.client, &link.statements);
    let (now, lock) = (now.millis(), Lock::Sweep.number(&pool.schema));
    let began = at_once(vec![
        Box::pin(client.execute(&statements.begin, &[])) as Asked<'_>
    ]);
    let turn = pool
        .answer(async {
            let turn = async { client.query_one(&statements.turn, &[&lock]).await };
            tokio::join!(began, turn)
        })
        .await?;
    let (began, turn) = turn;
    all(began)?;
    let own: bool = turn
        .and_then(|row| row.try_get(0))
        .map_err(|it| Trouble::of(&it))?;
    if !own {
        return end(pool, link, false).await.map(|()| 0);
    }
    let limit = i64::try_from(step).unwrap_or(i64::MAX);
    let entries = async {
        let parameters: [&(dyn ToSql + Sync); 2] = [&now, &limit];
        client.execute(&statements.sweep_entries, &parameters).await
    };
    let entries = count(pool.answer(entries).await?)?;
    let left = i64::try_from(step.saturating_sub(entries)).unwrap_or(0);
    let tokens = async {
        let parameters: [&(dyn ToSql + Sync); 2] = [&now, &left];
        client.execute(&statements.sweep_tokens, &parameters).await
    };
    let tokens = count(pool.answer(tokens).await?)?;
    end(pool, link, true).await?;
    Ok(entries + tokens)
}

async fn end(pool: &Pool, link: &Lent<'_>, lasting: bool) -> Result<(), Trouble> {
    let statements = &link.statements;
    let statement = match lasting {
        true => &statements.commit,
        false => &statements.rollback,
    };
    let ended = pool.answer(link.session.client.execute(statement, &[]));
    ended.await?.map(drop).map_err(|it| Trouble::of(&it))
}

fn all(answers: Vec<Result<u64, Error>>) -> Result<(), Trouble> {
    let mut answers = answers.into_iter();
    answers.try_for_each(|it| it.map(drop).map_err(|it| Trouble::of(&it)))
}

fn count(answer: Result<u64, Error>) -> Result<usize, Trouble> {
    let count = answer.map_err(|it| Trouble::of(&it))?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}
