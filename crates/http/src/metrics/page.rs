//! The page that Prometheus reads.

use super::entries::OTHERS;
use super::process::Process;
use super::state::State;
use prometheus::proto::{
    Bucket, Counter, Gauge, Histogram, LabelPair, Metric, MetricFamily, MetricType,
};
use prometheus::{Error, TextEncoder};
use sillage_domain::{DiskSpace, Distribution, StoreLoad};

/// What was gathered so far.
pub(super) struct Page(Vec<MetricFamily>);

/// The labels of a value, and the value.
type Value<'a> = (Vec<(&'static str, &'a str)>, f64);

impl Page {
    pub(super) fn new(gathered: Vec<MetricFamily>) -> Self {
        Self(gathered)
    }

    pub(super) fn text(&self) -> Result<String, Error> {
        TextEncoder::new().encode_to_string(&self.0)
    }

    /// Which version runs.
    pub(super) fn build(&mut self) {
        let version = env!("CARGO_PKG_VERSION");
        self.gauges(
            "sillage_build_info",
            "The version of the server, with the value 1.",
            [(vec![("version", version)], 1.0)],
        );
    }

    /// What the store has to do.
    pub(super) fn store(&mut self, load: &StoreLoad) {
        let queue = load.queue;
        self.gauge(
            "sillage_queue_rows",
            "Entries and quarantined texts that wait to be written.",
            queue.rows as f64,
        );
        self.gauge(
            "sillage_queue_limit_rows",
            "How many may wait before more is answered 503.",
            queue.max_rows as f64,
        );
        self.gauge(
            "sillage_queue_bytes",
            "Bytes that wait to be written, about.",
            queue.bytes as f64,
        );
        self.gauge(
            "sillage_queue_limit_bytes",
            "How many bytes may wait before more is answered 503.",
            queue.max_bytes as f64,
        );
        self.histogram(
            "sillage_commit_rows",
            "Entries and quarantined texts of a transaction that was committed.",
            &load.commit_rows,
        );
        self.histogram(
            "sillage_commit_duration_seconds",
            "Time of a transaction that was committed, the flush to the disk included.",
            &load.commit_seconds,
        );
        let pools = load.pools.iter();
        self.gauges(
            "sillage_pool_connections",
            "Connections to the database, by what they are for and whether somebody uses them.",
            pools.clone().flat_map(|pool| {
                let of = |state, count: u32| {
                    let labels = vec![("pool", pool.name), ("state", state)];
                    (labels, f64::from(count))
                };
                [of("busy", pool.busy), of("idle", pool.idle)]
            }),
        );
        self.gauges(
            "sillage_pool_limit_connections",
            "How many connections there may be.",
            pools.map(|pool| (vec![("pool", pool.name)], f64::from(pool.max))),
        );
    }

    /// Requests that met a limit.
    pub(super) fn limits(&mut self, refused: &[(&'static str, u64)]) {
        let values = refused.iter().map(|(limit, count)| {
            let labels = vec![("limit", *limit)];
            (labels, *count as f64)
        });
        self.add(
            "sillage_rate_limited_total",
            "Requests that were answered 429, by the limit that they met.",
            MetricType::COUNTER,
            values,
        );
    }

    /// What the database says.
    pub(super) fn state(&mut self, state: &State) {
        self.gauge(
            "sillage_database_up",
            "Whether the database answers: 1 or 0.",
            f64::from(u8::from(state.is_up)),
        );
        if !state.is_up {
            return;
        }
        if let Some(bytes) = state.database_bytes {
            self.gauge(
                "sillage_database_size_bytes",
                "Bytes of the database on its disk.",
                bytes as f64,
            );
        }
        self.gauge(
            "sillage_open_studies",
            "Studies that are open.",
            state.open_studies as f64,
        );
        self.gauges(
            "sillage_alerts",
            "Alerts that are raised, of all servers on the database, by what they are about.",
            state.alerts.iter().map(|(kind, count)| {
                let labels = vec![("kind", kind.as_str())];
                (labels, *count as f64)
            }),
        );
        let others = state.open_studies > state.studies.len() as u64;
        let with_others = |of_others: u64| others.then_some((OTHERS, of_others));
        let studies = &state.studies;
        let of_study = |(study, count)| (vec![("study", study)], count as f64);
        self.gauges(
            "sillage_study_entries",
            "Entries that an open study holds.",
            studies
                .iter()
                .map(|one| (one.slug.as_str(), one.entries))
                .chain(with_others(state.other_entries))
                .map(of_study),
        );
        self.gauges(
            "sillage_study_quarantined_texts",
            "Texts that an open study has in quarantine.",
            studies
                .iter()
                .map(|one| (one.slug.as_str(), one.quarantined))
                .chain(with_others(state.other_quarantined))
                .map(of_study),
        );
        self.gauges(
            "sillage_study_last_entry_timestamp_seconds",
            "When the last entry of an open study was received, in seconds since 1970.",
            studies.iter().filter_map(|one| {
                let micros = one.last_received?.micros();
                Some((vec![("study", one.slug.as_str())], micros as f64 / 1e6))
            }),
        );
    }

    /// The disk of the data directory.
    pub(super) fn disk(&mut self, space: DiskSpace) {
        self.gauge(
            "sillage_disk_free_bytes",
            "Bytes that are free on the disk of the data directory.",
            space.free as f64,
        );
        self.gauge(
            "sillage_disk_size_bytes",
            "Bytes of the disk of the data directory.",
            space.size as f64,
        );
    }

    /// The process, under the names that all programs use.
    pub(super) fn process(&mut self, process: &Process) {
        let gauges = [
            (
                "process_start_time_seconds",
                "When the process began, in seconds since 1970.",
                process.start_seconds,
            ),
            (
                "process_resident_memory_bytes",
                "Memory that the process has.",
                process.resident_bytes,
            ),
            (
                "process_open_fds",
                "Files and connections that the process has open.",
                process.open_files,
            ),
            (
                "process_max_fds",
                "How many it may have open.",
                process.max_files,
            ),
            (
                "process_threads",
                "Threads of the process.",
                process.threads,
            ),
        ];
        for (name, help, value) in gauges {
            if let Some(value) = value {
                self.gauge(name, help, value);
            }
        }
        if let Some(seconds) = process.cpu_seconds {
            self.add(
                "process_cpu_seconds_total",
                "Time that processors gave to the process.",
                MetricType::COUNTER,
                [(Vec::new(), seconds)],
            );
        }
    }

    fn gauge(&mut self, name: &str, help: &str, value: f64) {
        self.gauges(name, help, [(Vec::new(), value)]);
    }

    fn gauges<'a>(&mut self, name: &str, help: &str, values: impl IntoIterator<Item = Value<'a>>) {
        self.add(name, help, MetricType::GAUGE, values);
    }

    fn add<'a>(
        &mut self,
        name: &str,
        help: &str,
        kind: MetricType,
        values: impl IntoIterator<Item = Value<'a>>,
    ) {
        let metrics = values.into_iter().map(|(labels, value)| {
            let mut metric = Metric::from_label(labels.into_iter().map(pair).collect());
            if kind == MetricType::COUNTER {
                let mut counter = Counter::default();
                counter.set_value(value);
                metric.set_counter(counter);
            } else {
                let mut gauge = Gauge::default();
                gauge.set_value(value);
                metric.set_gauge(gauge);
            }
            metric
        });
        self.family(name, help, kind, metrics.collect());
    }

    fn histogram(&mut self, name: &str, help: &str, seen: &Distribution) {
        let mut so_far = 0;
        let buckets = seen.buckets.iter().map(|(bound, count)| {
            so_far += count;
            let mut bucket = Bucket::default();
            bucket.set_upper_bound(*bound);
            bucket.set_cumulative_count(so_far);
            bucket
        });
        let mut histogram = Histogram::default();
        histogram.set_bucket(buckets.collect());
        histogram.set_sample_count(seen.count());
        histogram.set_sample_sum(seen.sum);
        let mut metric = Metric::default();
        metric.set_histogram(histogram);
        self.family(name, help, MetricType::HISTOGRAM, vec![metric]);
    }

    /// What has no value is left out.
    fn family(&mut self, name: &str, help: &str, kind: MetricType, metrics: Vec<Metric>) {
        if metrics.is_empty() {
            return;
        }
        let mut family = MetricFamily::default();
        family.set_name(name.to_owned());
        family.set_help(help.to_owned());
        family.set_field_type(kind);
        family.set_metric(metrics);
        self.0.push(family);
    }
}

fn pair((name, value): (&'static str, &str)) -> LabelPair {
    let mut pair = LabelPair::default();
    pair.set_name(name.to_owned());
    pair.set_value(value.to_owned());
    pair
}
