//! What waits to be written.

use sillage_domain::{Arrival, NewEntry, Outcome, QueueLoad, StoreError, Submission};
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// What an arrival takes beside its texts, about.
const ARRIVAL_BYTES: usize = 256;

type Answer = Result<Vec<Outcome>, StoreError>;

/// One submission, and who waits for it.
pub(super) struct Job {
    pub(super) submission: Submission,
    bytes: usize,
    answer: oneshot::Sender<Answer>,
}

impl Job {
    pub(super) fn new(submission: Submission, answer: oneshot::Sender<Answer>) -> Self {
        let bytes = submission.arrivals.iter().map(bytes_of).sum();
        Self {
            submission,
            bytes,
            answer,
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.submission.arrivals.len()
    }

    pub(super) fn answer(self, answer: Answer) {
        // Who no longer waits has lost the answer, and nothing else.
        let _ = self.answer.send(answer);
    }
}

fn bytes_of(arrival: &Arrival) -> usize {
    let of_entry = |entry: &NewEntry| {
        let payload = entry.content.payload.as_ref();
        payload.map_or(0, |payload| payload.as_str().len())
    };
    ARRIVAL_BYTES
        + match arrival {
            Arrival::Entry(entry) => of_entry(entry),
            Arrival::Misfit(misfit) => misfit.misfit.text.len(),
            Arrival::Release(release) => of_entry(&release.entry),
        }
}

/// What a writer gets.
pub(super) enum Taken {
    /// Something to write.
    Jobs(Vec<Job>),
    /// There was nothing for as long as the writer wanted to wait.
    Idle,
    /// There is nothing, and never will be.
    Closed,
}

/// A queue bounded in rows and in bytes.
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    filled: Condvar,
    max_rows: usize,
    max_bytes: usize,
}

#[derive(Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    rows: usize,
    bytes: usize,
    closed: bool,
    /// Writers that wait for something.
    writers: usize,
}

impl Queue {
    pub(super) fn new(max_rows: usize, max_bytes: usize) -> Self {
        Self {
            waiting: Mutex::default(),
            filled: Condvar::new(),
            max_rows,
            max_bytes,
        }
    }

    /// Whether the job was taken. A job that is larger than the queue is taken when nothing else waits.
    pub(super) fn push(&self, job: Job) -> bool {
        let mut waiting = self.waiting();
        if waiting.closed || !self.fits(&waiting, job.rows(), job.bytes) {
            return false;
        }
        waiting.rows += job.rows();
        waiting.bytes += job.bytes;
        waiting.jobs.push_back(job);
        self.wake_one(&waiting);
        true
    }

    pub(super) fn has_room(&self) -> bool {
        let waiting = self.waiting();
        !waiting.closed && self.fits(&waiting, 1, ARRIVAL_BYTES)
    }

    /// What waits, and how much would fit.
    pub(super) fn load(&self) -> QueueLoad {
        let waiting = self.waiting();
        QueueLoad {
            rows: waiting.rows as u64,
            bytes: waiting.bytes as u64,
            max_rows: self.max_rows as u64,
            max_bytes: self.max_bytes as u64,
        }
    }

    fn fits(&self, waiting: &Waiting, rows: usize, bytes: usize) -> bool {
        waiting.jobs.is_empty()
            || (waiting.rows + rows <= self.max_rows && waiting.bytes + bytes <= self.max_bytes)
    }

    /// Waits for jobs, and takes as many as have that many rows and bytes together; one at least.
    pub(super) fn take(&self, rows: usize, bytes: usize, patience: Duration) -> Taken {
        let until = Instant::now() + patience;
        let mut waiting = self.waiting();
        while waiting.jobs.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            if waiting.closed {
                return Taken::Closed;
            }
            if left.is_zero() {
                return Taken::Idle;
            }
            waiting.writers += 1;
            waiting = self
                .filled
                .wait_timeout(waiting, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
            waiting.writers -= 1;
        }
        let mut taken = Vec::new();
        let (mut taken_rows, mut taken_bytes) = (0, 0);
        while let Some(job) = waiting.jobs.front() {
            if taken_rows > 0 && (taken_rows + job.rows() > rows || taken_bytes + job.bytes > bytes)
            {
                break;
            }
            // A submission of nothing counts as one, so that a queue of them ends.
            taken_rows += job.rows().max(1);
            taken_bytes += job.bytes;
            taken.extend(waiting.jobs.pop_front());
        }
        waiting.rows -= taken.iter().map(Job::rows).sum::<usize>();
        waiting.bytes -= taken_bytes;
        if !waiting.jobs.is_empty() {
            self.wake_one(&waiting);
        }
        Taken::Jobs(taken)
    }

    /// Wakes a writer if one waits. To wake nobody is a call of the system as well, which one that writes need not be disturbed by.
    fn wake_one(&self, waiting: &Waiting) {
        if waiting.writers > 0 {
            self.filled.notify_one();
        }
    }

    /// Everything that waits, now.
    pub(super) fn take_all(&self) -> Vec<Job> {
        let mut waiting = self.waiting();
        (waiting.rows, waiting.bytes) = (0, 0);
        waiting.jobs.drain(..).collect()
    }

    /// From now on nothing is taken in.
    pub(super) fn close(&self) {
        self.waiting().closed = true;
        self.filled.notify_all();
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        // Nothing in here panics between two counters.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sillage_domain::{Misfit, NewMisfit, StudyId, Timestamp};

    fn job(rows: usize) -> Job {
        let misfit = Misfit {
            id: None,
            text: "x".repeat(100).into(),
            faults: vec![],
        };
        let arrival = Arrival::Misfit(NewMisfit {
            study: StudyId(1),
            pseudonym: None,
            misfit,
            action: None,
            codebook: None,
        });
        let submission = Submission {
            arrivals: vec![arrival; rows].into(),
            received_at: Timestamp::from_micros(0).unwrap(),
            strict: false,
        };
        Job::new(submission, oneshot::channel().0)
    }

    fn taken(queue: &Queue, rows: usize) -> Vec<usize> {
        match queue.take(rows, usize::MAX, Duration::ZERO) {
            Taken::Jobs(jobs) => jobs.iter().map(Job::rows).collect(),
            Taken::Idle | Taken::Closed => vec![],
        }
    }

    #[test]
    fn a_full_queue_refuses_at_once_and_takes_again_when_emptied() {
        let queue = Queue::new(10, usize::MAX);
        assert!(queue.push(job(6)) && queue.push(job(4)));
        assert!(!queue.push(job(1)) && !queue.has_room());
        assert_eq!(taken(&queue, 6), [6]);
        assert!(queue.has_room() && queue.push(job(6)));
        assert_eq!(taken(&queue, 100), [4, 6]);
    }

    #[test]
    fn bytes_fill_the_queue_as_rows_do() {
        let queue = Queue::new(usize::MAX, 1000);
        assert!(queue.push(job(2)));
        assert!(!queue.push(job(1)));
    }

    #[test]
    fn a_job_larger_than_the_queue_is_taken_alone() {
        let queue = Queue::new(10, 1000);
        assert!(queue.push(job(50)));
        assert!(!queue.push(job(1)));
        assert_eq!(taken(&queue, 10), [50]);
    }

    #[test]
    fn a_closed_queue_gives_what_waits_and_then_ends() {
        let queue = Queue::new(10, usize::MAX);
        assert!(queue.push(job(1)));
        queue.close();
        assert!(!queue.push(job(1)));
        assert_eq!(taken(&queue, 10), [1]);
        assert!(matches!(
            queue.take(10, 10, Duration::from_secs(60)),
            Taken::Closed
        ));
    }
}
