//! The MySQL and MariaDB driver: `mysql_async` under diesel-async, made synchronous, in a type that `MultiConnection` accepts.
//!
//! diesel-async's own wrapper makes a runtime per connection, panics when it is used or dropped on a thread that runs async code, and waits for ever
//! for a server that has stopped without closing its connections.

mod waiting;

use diesel::connection::{
    CacheSize, Connection, DefaultLoadingMode, Instrumentation, LoadConnection, SimpleConnection,
    TransactionManager, TransactionManagerStatus,
};
use diesel::expression::QueryMetadata;
use diesel::internal::derives::multiconnection::{ConnectionSealed, MultiConnectionHelper};
use diesel::migration::{CREATE_MIGRATIONS_TABLE, MigrationConnection};
use diesel::mysql::Mysql;
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::result::{DatabaseErrorKind, Error};
use diesel::{ConnectionError, ConnectionResult, QueryResult};
use diesel_async::{
    AsyncConnection, AsyncConnectionCore, AsyncMysqlConnection, SimpleAsyncConnection,
};
use futures_util::{Stream, StreamExt};
use mysql_async::{Opts, OptsBuilder};
use std::pin::Pin;
use std::time::Duration;
use waiting::{runtime, wait, wait_while};

/// How long reaching the server and logging in may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// After how long without a word on a connection the server is asked, on another one, whether it is still there.
const PATIENCE: Duration = Duration::from_secs(2);
/// After how long without a word the operating system asks whether the other machine is still there.
const KEEPALIVE_MS: u32 = 10_000;

/// A connection to MySQL or MariaDB.
pub struct MysqlConnection {
    inner: AsyncMysqlConnection,
    line: Line,
}

/// What leads to the server, and whether it still does.
struct Line {
    options: Opts,
    /// An answer was waited for in vain. What the server says next on this connection would be taken for the answer to something else.
    lost: bool,
}

impl Line {
    /// Waits for an answer, for as long as the server answers others.
    ///
    /// A statement may take its time. A server that is stopped, or a machine behind a network that is cut, says nothing, and nothing says
    /// that it will not: so it is tried whether a new connection is greeted.
    fn hear<T>(&mut self, answer: impl Future<Output = T>) -> QueryResult<T> {
        if self.lost {
            return Err(silence());
        }
        let answer = wait_while(answer, PATIENCE, || is_there(&self.options));
        answer.ok_or_else(|| {
            self.lost = true;
            silence()
        })
    }
}

fn silence() -> Error {
    let text = "the server does not answer".to_owned();
    Error::DatabaseError(DatabaseErrorKind::ClosedConnection, Box::new(text))
}

/// Whether the server greets a new connection, if only to refuse it.
fn is_there(options: &Opts) -> bool {
    let greeted = async {
        match mysql_async::Conn::new(options.clone()).await {
            Ok(connection) => connection.disconnect().await.is_ok(),
            Err(error) => matches!(error, mysql_async::Error::Server(_)),
        }
    };
    wait(async { tokio::time::timeout(CONNECT_TIMEOUT, greeted).await }).unwrap_or(false)
}

impl MysqlConnection {
    async fn reach(options: Opts) -> ConnectionResult<Self> {
        let connecting = mysql_async::Conn::new(options.clone());
        let connection = tokio::time::timeout(CONNECT_TIMEOUT, connecting)
            .await
            .map_err(|_| ConnectionError::BadConnection("the server does not answer".into()))?
            .map_err(|e| ConnectionError::BadConnection(e.to_string()))?;
        Ok(Self {
            inner: AsyncMysqlConnection::try_from(connection).await?,
            line: Line {
                options,
                lost: false,
            },
        })
    }
}

fn options(url: &str) -> ConnectionResult<Opts> {
    let options = Opts::from_url(url)
        .map_err(|error| ConnectionError::InvalidConnectionUrl(error.to_string()))?;
    let options = OptsBuilder::from_opts(options)
        // As Diesel expects: an update counts the rows that it found.
        .client_found_rows(true)
        // Diesel keeps the statements.
        .stmt_cache_size(0)
        // The address that the operator wrote, and not a socket that the server names.
        .prefer_socket(false)
        .tcp_keepalive(Some(KEEPALIVE_MS));
    Ok(options.into())
}

impl SimpleConnection for MysqlConnection {
    fn batch_execute(&mut self, query: &str) -> QueryResult<()> {
        self.line.hear(self.inner.batch_execute(query))?
    }
}

impl ConnectionSealed for MysqlConnection {}

impl Connection for MysqlConnection {
    type Backend = Mysql;
    type TransactionManager = Transactions;

    fn establish(url: &str) -> ConnectionResult<Self> {
        runtime().map_err(|error| {
            ConnectionError::BadConnection(format!("no thread for the driver: {error}"))
        })?;
        wait(Self::reach(options(url)?))
    }

    fn execute_returning_count<T>(&mut self, source: &T) -> QueryResult<usize>
    where
        T: QueryFragment<Mysql> + QueryId,
    {
        self.line.hear(self.inner.execute_returning_count(source))?
    }

    fn transaction_state(
        &mut self,
    ) -> &mut <Transactions as TransactionManager<Self>>::TransactionStateData {
        self.inner.transaction_state()
    }

    fn instrumentation(&mut self) -> &mut dyn Instrumentation {
        self.inner.instrumentation()
    }

    fn set_instrumentation(&mut self, instrumentation: impl Instrumentation) {
        self.inner.set_instrumentation(instrumentation);
    }

    fn set_prepared_statement_cache_size(&mut self, size: CacheSize) {
        self.inner.set_prepared_statement_cache_size(size);
    }
}

/// The rows of an answer, each waited for.
pub struct Cursor<'conn, S> {
    rows: Pin<Box<S>>,
    line: &'conn mut Line,
}

impl<S, R> Iterator for Cursor<'_, S>
where
    S: Stream<Item = QueryResult<R>>,
{
    type Item = QueryResult<R>;

    fn next(&mut self) -> Option<Self::Item> {
        self.line
            .hear(self.rows.next())
            .unwrap_or_else(|error| Some(Err(error)))
    }
}

impl LoadConnection<DefaultLoadingMode> for MysqlConnection {
    type Cursor<'conn, 'query> =
        Cursor<'conn, <AsyncMysqlConnection as AsyncConnectionCore>::Stream<'conn, 'query>>;
    type Row<'conn, 'query> = <AsyncMysqlConnection as AsyncConnectionCore>::Row<'conn, 'query>;

    fn load<'conn, 'query, T>(
        &'conn mut self,
        source: T,
    ) -> QueryResult<Self::Cursor<'conn, 'query>>
    where
        T: Query + QueryFragment<Mysql> + QueryId + 'query,
        Mysql: QueryMetadata<T::SqlType>,
    {
        let line = &mut self.line;
        let rows = Box::pin(line.hear(self.inner.load(source))??);
        Ok(Cursor { rows, line })
    }
}

/// Delegates to the driver's.
pub struct Transactions;

type Inner = <AsyncMysqlConnection as AsyncConnection>::TransactionManager;

impl TransactionManager<MysqlConnection> for Transactions {
    type TransactionStateData =
        <Inner as diesel_async::TransactionManager<AsyncMysqlConnection>>::TransactionStateData;

    fn begin_transaction(conn: &mut MysqlConnection) -> QueryResult<()> {
        let begun = <Inner as diesel_async::TransactionManager<_>>::begin_transaction;
        conn.line.hear(begun(&mut conn.inner))?
    }

    fn rollback_transaction(conn: &mut MysqlConnection) -> QueryResult<()> {
        let undone = <Inner as diesel_async::TransactionManager<_>>::rollback_transaction;
        conn.line.hear(undone(&mut conn.inner))?
    }

    fn commit_transaction(conn: &mut MysqlConnection) -> QueryResult<()> {
        let committed = <Inner as diesel_async::TransactionManager<_>>::commit_transaction;
        conn.line.hear(committed(&mut conn.inner))?
    }

    fn transaction_manager_status_mut(conn: &mut MysqlConnection) -> &mut TransactionManagerStatus {
        <Inner as diesel_async::TransactionManager<_>>::transaction_manager_status_mut(
            &mut conn.inner,
        )
    }

    fn is_broken_transaction_manager(conn: &mut MysqlConnection) -> bool {
        conn.line.lost
            || <Inner as diesel_async::TransactionManager<_>>::is_broken_transaction_manager(
                &mut conn.inner,
            )
    }
}

impl MigrationConnection for MysqlConnection {
    fn setup(&mut self) -> QueryResult<usize> {
        self.batch_execute(CREATE_MIGRATIONS_TABLE).map(|()| 0)
    }
}

impl diesel::r2d2::R2D2Connection for MysqlConnection {
    fn ping(&mut self) -> QueryResult<()> {
        self.batch_execute("DO 1")
    }

    fn is_broken(&mut self) -> bool {
        Transactions::is_broken_transaction_manager(self)
    }
}

impl MultiConnectionHelper for MysqlConnection {
    fn to_any<'a>(lookup: &mut ()) -> &mut (dyn std::any::Any + 'a) {
        lookup
    }

    fn from_any(lookup: &mut dyn std::any::Any) -> Option<&mut ()> {
        lookup.downcast_mut()
    }
}
