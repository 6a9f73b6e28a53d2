//! The MySQL and MariaDB driver: `mysql_async` under diesel-async's synchronous wrapper, in a type that `MultiConnection` accepts.

use diesel::connection::{
    CacheSize, Connection, DefaultLoadingMode, Instrumentation, LoadConnection, SimpleConnection,
    TransactionManager, TransactionManagerStatus,
};
use diesel::expression::QueryMetadata;
use diesel::internal::derives::multiconnection::{ConnectionSealed, MultiConnectionHelper};
use diesel::mysql::Mysql;
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::{ConnectionError, ConnectionResult, QueryResult};
use diesel_async::AsyncMysqlConnection;
use diesel_async::async_connection_wrapper::{AsyncConnectionWrapper, BlockOn};
use mysql_async::OptsBuilder;
use std::cell::Cell;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;
use tokio::runtime::Runtime;

/// How long reaching the server and logging in may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// After how long without a word the operating system asks whether the server is still there.
const KEEPALIVE_MS: u32 = 10_000;

type Inner = AsyncConnectionWrapper<AsyncMysqlConnection, Reactor>;

/// A connection to MySQL or MariaDB.
pub struct MysqlConnection(Inner);

/// One background thread hears all sockets; callers park until their answer is there.
///
/// The wrapper's own way makes a runtime per connection, and panics when it is used or dropped on a thread that runs async code.
pub struct Reactor;

thread_local! {
    /// This thread's signal, while it is not in use: a row costs no allocation.
    static SPARE: Cell<Option<Arc<Signal>>> = const { Cell::new(None) };
}

struct Signal {
    thread: Thread,
    raised: AtomicBool,
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.raised.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

impl BlockOn for Reactor {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        // Where there is no runtime there is no connection, and nobody comes here.
        let _context = runtime().ok().map(Runtime::enter);
        let signal = SPARE.take().unwrap_or_else(|| {
            Arc::new(Signal {
                thread: std::thread::current(),
                raised: AtomicBool::new(false),
            })
        });
        let waker = Waker::from(signal.clone());
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                SPARE.set(Some(signal));
                return output;
            }
            while !signal.raised.swap(false, Ordering::Acquire) {
                std::thread::park();
            }
        }
    }

    fn get_runtime() -> Self {
        Self
    }
}

/// The one runtime of the process: the wrapper gives no way to pass one.
fn runtime() -> Result<&'static Runtime, ConnectionError> {
    static RUNTIME: std::sync::OnceLock<std::io::Result<Runtime>> = std::sync::OnceLock::new();
    let made = RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("sillage-mysql")
            .enable_all()
            .build()
    });
    made.as_ref()
        .map_err(|e| ConnectionError::BadConnection(format!("no thread for the driver: {e}")))
}

impl MysqlConnection {
    async fn reach(url: &str) -> ConnectionResult<Inner> {
        let options = OptsBuilder::from_opts(
            mysql_async::Opts::from_url(url)
                .map_err(|e| ConnectionError::InvalidConnectionUrl(e.to_string()))?,
        )
        // As Diesel expects: an update counts the rows that it found.
        .client_found_rows(true)
        // Diesel keeps the statements.
        .stmt_cache_size(0)
        // The address that the operator wrote, and not a socket that the server names.
        .prefer_socket(false)
        .tcp_keepalive(Some(KEEPALIVE_MS));
        let connection = tokio::time::timeout(CONNECT_TIMEOUT, mysql_async::Conn::new(options))
            .await
            .map_err(|_| ConnectionError::BadConnection("the server does not answer".into()))?
            .map_err(|e| ConnectionError::BadConnection(e.to_string()))?;
        AsyncMysqlConnection::try_from(connection)
            .await
            .map(Inner::from)
    }
}

impl SimpleConnection for MysqlConnection {
    fn batch_execute(&mut self, query: &str) -> QueryResult<()> {
        self.0.batch_execute(query)
    }
}

impl ConnectionSealed for MysqlConnection {}

impl Connection for MysqlConnection {
    type Backend = Mysql;
    type TransactionManager = Transactions;

    fn establish(url: &str) -> ConnectionResult<Self> {
        runtime()?;
        Reactor.block_on(Self::reach(url)).map(Self)
    }

    fn execute_returning_count<T>(&mut self, source: &T) -> QueryResult<usize>
    where
        T: QueryFragment<Mysql> + QueryId,
    {
        self.0.execute_returning_count(source)
    }

    fn transaction_state(
        &mut self,
    ) -> &mut <Transactions as TransactionManager<Self>>::TransactionStateData {
        self.0.transaction_state()
    }

    fn instrumentation(&mut self) -> &mut dyn Instrumentation {
        self.0.instrumentation()
    }

    fn set_instrumentation(&mut self, instrumentation: impl Instrumentation) {
        self.0.set_instrumentation(instrumentation);
    }

    fn set_prepared_statement_cache_size(&mut self, size: CacheSize) {
        self.0.set_prepared_statement_cache_size(size);
    }
}

impl LoadConnection<DefaultLoadingMode> for MysqlConnection {
    type Cursor<'conn, 'query> = <Inner as LoadConnection>::Cursor<'conn, 'query>;
    type Row<'conn, 'query> = <Inner as LoadConnection>::Row<'conn, 'query>;

    fn load<'conn, 'query, T>(
        &'conn mut self,
        source: T,
    ) -> QueryResult<Self::Cursor<'conn, 'query>>
    where
        T: Query + QueryFragment<Mysql> + QueryId + 'query,
        Mysql: QueryMetadata<T::SqlType>,
    {
        self.0.load(source)
    }
}

/// Delegates to the wrapper's.
pub struct Transactions;

type InnerTransactions = <Inner as Connection>::TransactionManager;

impl TransactionManager<MysqlConnection> for Transactions {
    type TransactionStateData =
        <InnerTransactions as TransactionManager<Inner>>::TransactionStateData;

    fn begin_transaction(conn: &mut MysqlConnection) -> QueryResult<()> {
        InnerTransactions::begin_transaction(&mut conn.0)
    }

    fn rollback_transaction(conn: &mut MysqlConnection) -> QueryResult<()> {
        InnerTransactions::rollback_transaction(&mut conn.0)
    }

    fn commit_transaction(conn: &mut MysqlConnection) -> QueryResult<()> {
        InnerTransactions::commit_transaction(&mut conn.0)
    }

    fn transaction_manager_status_mut(conn: &mut MysqlConnection) -> &mut TransactionManagerStatus {
        InnerTransactions::transaction_manager_status_mut(&mut conn.0)
    }

    fn is_broken_transaction_manager(conn: &mut MysqlConnection) -> bool {
        InnerTransactions::is_broken_transaction_manager(&mut conn.0)
    }
}

impl diesel::migration::MigrationConnection for MysqlConnection {
    fn setup(&mut self) -> QueryResult<usize> {
        diesel::migration::MigrationConnection::setup(&mut self.0)
    }
}

impl diesel::r2d2::R2D2Connection for MysqlConnection {
    fn ping(&mut self) -> QueryResult<()> {
        self.0.batch_execute("DO 1")
    }

    fn is_broken(&mut self) -> bool {
        InnerTransactions::is_broken_transaction_manager(&mut self.0)
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
