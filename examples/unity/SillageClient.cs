// Sends what players do to a Sillage server. One file, no dependencies: copy it into Assets/.
//
//   var sillage = SillageClient.Start(new SillageSettings {
//       Server = "https://api.example.org", Username = "classe-a-07", Password = "mimosa canoe 42",
//       Folder = Application.persistentDataPath + "/sillage", Game = "castle/1.4",
//   });
//   sillage.Record("drop", new Dictionary<string, object> { { "room", "forest" } });
//   sillage.Quit(TimeSpan.FromSeconds(5));            // in OnApplicationQuit
//
// Record() takes no lock and waits for nothing. Entries are kept in Folder until the server has them, are sent in batches, and are
// stored once, by ids that are made at the moment of the action. Whatever is dropped or refused is counted and told by OnEvent.
// Runs wherever there are threads and sockets (not in WebGL). C# 6, .NET Framework 4.5 or .NET Standard 2.0; Mono and IL2CPP.
using System;
using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Threading;

namespace Sillage
{
    /// <summary>Where entries go, as whom, and how. Server, Username and Password are needed, and Folder is wanted.</summary>
    public sealed class SillageSettings
    {
        /// <summary>What stands before /v1. https, or http to this machine, unless AllowPlainHttp.</summary>
        public string Server;
        /// <summary>As on the player's card.</summary>
        public string Username;
        /// <summary>As on the player's card. Stays in memory.</summary>
        public string Password;
        /// <summary>The registered client that the game is.</summary>
        public string ClientId = "sillage";
        /// <summary>Where entries wait; null keeps them in memory only. One folder serves all players and running games of a device.</summary>
        public string Folder;
        /// <summary>Name and version of the game, for the server's log.</summary>
        public string Game = "unity-game";
        /// <summary>Lets the password go to another machine in the clear.</summary>
        public bool AllowPlainHttp;
        /// <summary>Entries in a request, at most 1000.</summary>
        public int BatchEntries = 100;
        /// <summary>Bytes in a request, unless one entry alone has more.</summary>
        public int BatchBytes = 256 * 1024;
        /// <summary>What waits is sent after that time at the latest.</summary>
        public TimeSpan SendEvery = TimeSpan.FromSeconds(2);
        /// <summary>How often what was recorded is written: the most that a crash of the game takes.</summary>
        public TimeSpan WriteEvery = TimeSpan.FromMilliseconds(50);
        /// <summary>How often what was written is flushed to the disk: the most that a power cut takes.</summary>
        public TimeSpan FlushToDiskEvery = TimeSpan.FromSeconds(1);
        /// <summary>Entries between two writes; what comes beyond is dropped.</summary>
        public int HandOver = 8192;
        /// <summary>Bytes that may wait in the folder; what comes beyond is dropped.</summary>
        public long DiskBytes = 64L << 20;
        /// <summary>Bytes that may wait in memory, without a folder or while the disk takes nothing.</summary>
        public long MemoryBytes = 4L << 20;
        /// <summary>How long a request may take.</summary>
        public TimeSpan Timeout = TimeSpan.FromSeconds(30);
        /// <summary>The wait after a first failure; each wait is twice the last.</summary>
        public TimeSpan FirstWait = TimeSpan.FromMilliseconds(500);
        /// <summary>The longest wait, where the server asks for none.</summary>
        public TimeSpan LongestWait = TimeSpan.FromMinutes(2);
        /// <summary>Is called, on a thread of the client, with what a game may want to know. Without it, what means a loss goes to standard error.</summary>
        public Action<SillageEvent> OnEvent;
    }

    /// <summary>What a game is told.</summary>
    public enum SillageEventKind
    {
        /// <summary>Entries of earlier runs wait.</summary>
        Found,
        /// <summary>The server has taken entries.</summary>
        Sent,
        /// <summary>The server keeps an entry that does not fit.</summary>
        Quarantined,
        /// <summary>The server refuses an entry for good; it stands in refused.ndjson.</summary>
        Refused,
        /// <summary>Entries are gone; Message says why.</summary>
        Dropped,
        /// <summary>Lines of the folder can't be read: torn by a crash, or changed.</summary>
        Damaged,
        /// <summary>The folder takes nothing; entries wait in memory.</summary>
        Unwritten,
        /// <summary>The server can't be reached or asks to come later. Nothing is lost.</summary>
        Offline,
        /// <summary>The server answers again.</summary>
        Online,
        /// <summary>The study takes nothing of this account now (Code 4031), or consent is missing (4032). Entries wait.</summary>
        Paused,
        /// <summary>Username and password are not taken. Entries wait.</summary>
        LoggedOut,
    }

    /// <summary>Something that a game may want to know or show.</summary>
    public sealed class SillageEvent
    {
        public SillageEventKind Kind;
        /// <summary>How many entries, or lines, it is about.</summary>
        public long Count;
        /// <summary>Status or error code, or 0.</summary>
        public int Code;
        public string Message = "";
        /// <summary>The entry as JSON, where it is about one.</summary>
        public string Entry;
        public override string ToString() { return Kind + " " + Count + " " + Code + " " + Message; }
    }

    /// <summary>What became of entries since the start.</summary>
    public struct SillageCounts
    {
        public long Recorded, Written, Waiting, Accepted, Duplicates, Quarantined, Refused, Dropped, Damaged, Batches, Retries;
    }

    /// <summary>Records actions for one player.</summary>
    public sealed class SillageClient : IDisposable
    {
        readonly SillageSettings settings;
        readonly ConcurrentQueue<Item> items = new ConcurrentQueue<Item>();
        readonly Queue queue;
        readonly Wire wire;
        readonly Ids ids = new Ids();
        readonly string aside;
        readonly AutoResetEvent wakeKeeper = new AutoResetEvent(false);
        readonly object signals = new object();
        readonly Thread keeper, courier;
        int between;
        long untold, recorded, taken, written, accepted, duplicates, quarantined, refused, dropped, damaged, batches, retries;
        volatile bool ending;
        // Under the lock of `signals`.
        bool end, gone, nudged, hopeless;
        int flushing;
        DateTime? since;
        SillageEventKind? connection;
        // Of the courier alone.
        int failures, most;
        DateTime notBefore = DateTime.MinValue;
        bool advised;
        // Of the keeper alone.
        DateTime flushed = DateTime.UtcNow, stuckUntil = DateTime.MinValue;
        string session;
        long next = -1;

        sealed class Item
        {
            internal string Id, Session, Action, Payload;
            internal DateTime At;
            internal long Sequence;
        }

        /// <summary>Starts it. Reads what earlier runs left: do it while the game loads. The network is not touched.</summary>
        public static SillageClient Start(SillageSettings settings)
        {
            var client = new SillageClient(settings);
            client.keeper.Start();
            client.courier.Start();
            return client;
        }

        SillageClient(SillageSettings settings)
        {
            CheckAddress(settings);
            this.settings = settings;
            settings.Server = settings.Server.TrimEnd('/');
            most = Math.Max(1, Math.Min(1000, settings.BatchEntries));
            wire = new Wire(settings);
            session = ids.Make(DateTime.UtcNow);
            string account = settings.Folder == null ? null : Path.Combine(settings.Folder, AccountFolder(settings));
            queue = new Queue(account, settings);
            aside = account == null ? null : Path.Combine(account, "refused.ndjson");
            if (queue.FoundEntries > 0) Tell(SillageEventKind.Found, queue.FoundEntries, 0, "");
            if (queue.FoundDamaged > 0) { damaged = queue.FoundDamaged; Tell(SillageEventKind.Damaged, damaged, 0, ""); }
            keeper = new Thread(Keep) { IsBackground = true, Name = "sillage-keeper" };
            courier = new Thread(Carry) { IsBackground = true, Name = "sillage-courier" };
        }

        /// <summary>Begins another session, of that name or of a new one; entries are counted from 0. To be called where Record is.</summary>
        public void NewSession(string name = null)
        {
            session = name ?? ids.Make(DateTime.UtcNow);
            Interlocked.Exchange(ref next, -1);
        }

        /// <summary>Records an action that happens now; gives its id, or null if it was dropped. Never waits.</summary>
        /// <param name="payload">A dictionary, list, string, number, bool or null; what else there is becomes its text.</param>
        public string Record(string action, IDictionary payload)
        {
            return RecordJson(action, payload == null ? null : Json.Write(payload));
        }

        /// <summary>Records an action without a payload.</summary>
        public string Record(string action) { return RecordJson(action, null); }

        /// <summary>The same with a payload that is JSON already, of JsonUtility.ToJson for one. A text that is none is refused by the server.</summary>
        public string RecordJson(string action, string payload)
        {
            // Counted for what is dropped as well: the gap shows that something was lost.
            long sequence = Interlocked.Increment(ref next);
            if (ending) return null;
            if (Interlocked.Increment(ref between) > settings.HandOver)
            {
                Interlocked.Decrement(ref between);
                Interlocked.Increment(ref untold);
                return null;
            }
            DateTime at = DateTime.UtcNow;
            var item = new Item { Id = ids.Make(at), At = at, Session = session, Sequence = sequence, Action = action, Payload = payload };
            Interlocked.Increment(ref recorded);
            items.Enqueue(item);
            return item.Id;
        }

        /// <summary>What became of entries so far.</summary>
        public SillageCounts Counts
        {
            get
            {
                return new SillageCounts
                {
                    Recorded = Interlocked.Read(ref recorded), Written = Interlocked.Read(ref written), Waiting = Waiting,
                    Accepted = Interlocked.Read(ref accepted), Duplicates = Interlocked.Read(ref duplicates),
                    Quarantined = Interlocked.Read(ref quarantined), Refused = Interlocked.Read(ref refused),
                    Dropped = Interlocked.Read(ref dropped), Damaged = Interlocked.Read(ref damaged),
                    Batches = Interlocked.Read(ref batches), Retries = Interlocked.Read(ref retries),
                };
            }
        }

        long Waiting { get { return Interlocked.Read(ref recorded) - Interlocked.Read(ref taken) + queue.Waiting; } }

        /// <summary>Sends everything now and waits for it, for that time at most. Gives how many entries still wait.
        /// Where the server takes nothing of this account now, it is not waited for longer.</summary>
        public long Flush(TimeSpan atMost)
        {
            DateTime until = DateTime.UtcNow + atMost;
            lock (signals) { flushing++; nudged = true; hopeless = false; Monitor.PulseAll(signals); }
            wakeKeeper.Set();
            lock (signals)
            {
                while (!gone && !hopeless && Waiting > 0)
                {
                    TimeSpan left = until - DateTime.UtcNow;
                    if (left <= TimeSpan.Zero) break;
                    Monitor.Wait(signals, left);
                }
                flushing--;
            }
            return Waiting;
        }

        /// <summary>Sends everything, for that time at most, and ends. Gives how many entries wait for the next run.</summary>
        public long Quit(TimeSpan atMost)
        {
            DateTime until = DateTime.UtcNow + atMost;
            Flush(atMost);
            End(until);
            return Waiting;
        }

        /// <summary>Ends; what waits is in the folder for the next run.</summary>
        public void Dispose() { End(DateTime.UtcNow); }

        void End(DateTime until)
        {
            if (ending && !keeper.IsAlive) return;
            ending = true;
            wakeKeeper.Set();
            keeper.Join();
            lock (signals) { end = true; Monitor.PulseAll(signals); }
            TimeSpan left = until - DateTime.UtcNow;
            TimeSpan parting = TimeSpan.FromMilliseconds(50);
            // A request that is under way ends by itself; its answer is not waited for.
            if (courier.Join(left > parting ? left : parting)) queue.Dispose();
        }

        // The keeper: takes what was recorded and writes it. Nobody wakes it for an entry, since that would cost more than the entry.

        void Keep()
        {
            while (true)
            {
                bool last = ending;
                Round();
                if (last && items.IsEmpty) break;
                if (!last) wakeKeeper.WaitOne(settings.WriteEvery);
            }
            stuckUntil = DateTime.MinValue;
            Rescue();
            queue.Close();
        }

        void Round()
        {
            var entries = new List<byte[]>();
            Item item;
            while (entries.Count < 4096 && items.TryDequeue(out item)) entries.Add(Encoding.UTF8.GetBytes(EntryText(item)));
            Rescue();
            if (entries.Count > 0)
            {
                Interlocked.Add(ref between, -entries.Count);
                KeepEntries(entries);
                Interlocked.Add(ref taken, entries.Count);
            }
            if (DateTime.UtcNow - flushed >= settings.FlushToDiskEvery)
            {
                try { queue.FlushToDisk(); } catch (IOException error) { Stuck(error); }
                flushed = DateTime.UtcNow;
            }
            Drop(Interlocked.Exchange(ref untold, 0), "too many at once");
            if (entries.Count == 0) return;
            lock (signals)
            {
                if (since == null) since = DateTime.UtcNow;
                Monitor.PulseAll(signals);
            }
        }

        void KeepEntries(List<byte[]> entries)
        {
            string why = "as many wait as may";
            if (queue.HasFolder && DateTime.UtcNow >= stuckUntil)
            {
                try
                {
                    if (queue.Append(entries)) { Interlocked.Add(ref written, entries.Count); return; }
                    Drop(entries.Count, why);
                    return;
                }
                catch (IOException error) { Stuck(error); }
                catch (UnauthorizedAccessException error) { Stuck(error); }
            }
            if (queue.HasFolder) why = "the disk takes nothing, and memory is full";
            long lost = 0;
            foreach (byte[] entry in entries) if (!queue.KeepInMemory(entry)) lost++;
            Drop(lost, why);
        }

        // Writes what is in memory only because the disk took nothing.
        void Rescue()
        {
            if (!queue.HasFolder || DateTime.UtcNow < stuckUntil) return;
            Batch batch;
            while ((batch = queue.TakeMemory(4096, long.MaxValue)) != null)
            {
                bool done = false;
                try { done = queue.Append(batch.Entries); }
                catch (IOException error) { Stuck(error); }
                catch (UnauthorizedAccessException error) { Stuck(error); }
                if (!done) { queue.GiveBack(batch, 0); return; }
                queue.Settle(batch, 0, batch.Entries.Count);
                Interlocked.Add(ref written, batch.Entries.Count);
            }
        }

        void Stuck(Exception error)
        {
            if (stuckUntil == DateTime.MinValue) Tell(SillageEventKind.Unwritten, 0, 0, error.Message);
            stuckUntil = DateTime.UtcNow + TimeSpan.FromSeconds(1);
        }

        // The courier: sends.

        void Carry()
        {
            try
            {
                while (WaitForWork()) Send();
            }
            finally
            {
                lock (signals) { gone = true; Monitor.PulseAll(signals); }
            }
        }

        bool WaitForWork()
        {
            lock (signals)
            {
                while (true)
                {
                    if (end) return false;
                    if (nudged && !advised) notBefore = DateTime.MinValue;
                    nudged = false;
                    long waiting = queue.Waiting;
                    if (waiting == 0)
                    {
                        since = null;
                        Monitor.PulseAll(signals);
                        Monitor.Wait(signals);
                        continue;
                    }
                    DateTime now = DateTime.UtcNow;
                    if (since == null || since > now) since = now;
                    DateTime due = flushing > 0 || waiting >= most ? now : since.Value + settings.SendEvery;
                    if (notBefore > due) due = notBefore;
                    if (due <= now) return true;
                    Monitor.Wait(signals, due - now);
                }
            }
        }

        void Send()
        {
            Batch batch = queue.Front(most, settings.BatchBytes);
            long lost = queue.TakeLost();
            if (lost > 0) { Interlocked.Add(ref damaged, lost); Tell(SillageEventKind.Damaged, lost, 0, ""); }
            if (batch == null) return;
            int settled = 0;
            Answer stop = null;
            // What is refused is cut, where the errors point or in halves, until each bad entry stands alone. In order.
            var runs = new Stack<int[]>();
            runs.Push(new[] { 0, batch.Entries.Count });
            while (runs.Count > 0 && stop == null)
            {
                int[] run = runs.Pop();
                Answer answer = wire.Post(batch.Entries, run[0], run[1]);
                if (answer.Kind == AnswerKind.Taken)
                {
                    Taken(answer);
                    queue.Settle(batch, run[0], run[1]);
                    settled = run[1];
                    Tell(SillageEventKind.Sent, Json.Long(answer.Body, "accepted"), 0, "");
                }
                else if (answer.Kind == AnswerKind.Refused && run[1] - run[0] == 1)
                {
                    Refuse(batch.Entries[run[0]], answer);
                    queue.Settle(batch, run[0], run[1]);
                    settled = run[1];
                }
                else if (answer.Kind == AnswerKind.Refused)
                {
                    if (answer.Status == 413 && answer.Code != 4133) most = Math.Min(most, (run[1] - run[0] + 1) / 2);
                    foreach (int[] piece in Cut(run, answer.Indices)) runs.Push(piece);
                }
                else stop = answer;
            }
            queue.GiveBack(batch, settled);
            if (settled > 0) failures = 0;
            if (stop == null) { notBefore = DateTime.MinValue; advised = false; Connection(SillageEventKind.Online, 0, ""); }
            else Stopped(stop);
            lock (signals) { since = DateTime.UtcNow; Monitor.PulseAll(signals); }
        }

        // The pieces of a run, the last first.
        static List<int[]> Cut(int[] run, SortedSet<int> bad)
        {
            var pieces = new List<int[]>();
            int begin = run[0];
            foreach (int index in bad)
            {
                int at = run[0] + index;
                if (at < begin || at >= run[1]) continue;
                if (at > begin) pieces.Add(new[] { begin, at });
                pieces.Add(new[] { at, at + 1 });
                begin = at + 1;
            }
            if (pieces.Count == 0)
            {
                int middle = run[0] + (run[1] - run[0]) / 2;
                pieces.Add(new[] { run[0], middle });
                begin = middle;
            }
            if (begin < run[1]) pieces.Add(new[] { begin, run[1] });
            pieces.Reverse();
            return pieces;
        }

        void Taken(Answer answer)
        {
            Interlocked.Increment(ref batches);
            Interlocked.Add(ref accepted, Json.Long(answer.Body, "accepted"));
            Interlocked.Add(ref duplicates, Json.Long(answer.Body, "duplicates"));
            foreach (object result in Json.List(answer.Body, "results"))
            {
                string status = Json.Text(result, "status");
                if (status == "quarantined" || status == "conflict")
                {
                    Interlocked.Increment(ref quarantined);
                    Tell(SillageEventKind.Quarantined, 1, 0, Json.Text(result, "id") + " " + Json.Write(Json.List(result, "errors")));
                }
                // Nothing is kept of somebody who has not consented.
                else if (status == "refused") Drop(1, "consent is missing");
            }
        }

        void Refuse(byte[] entry, Answer answer)
        {
            Interlocked.Increment(ref refused);
            string text = Encoding.UTF8.GetString(entry);
            try
            {
                if (aside != null && (!File.Exists(aside) || new FileInfo(aside).Length < 16L << 20))
                    File.AppendAllText(aside, "{\"refused_at\":" + Json.Write(Times.Text(DateTime.UtcNow)) + ",\"status\":" + answer.Status
                        + ",\"answer\":" + Json.Write(answer.Text) + ",\"entry\":" + text + "}\n");
            }
            // The event has it all the same.
            catch (IOException) { }
            catch (UnauthorizedAccessException) { }
            Tell(new SillageEvent { Kind = SillageEventKind.Refused, Count = 1, Code = answer.Status, Message = answer.Text, Entry = text });
        }

        void Stopped(Answer stop)
        {
            TimeSpan wait = TimeSpan.FromTicks(Math.Min(settings.LongestWait.Ticks, settings.FirstWait.Ticks << Math.Min(failures, 20)));
            failures++;
            advised = stop.Advice != null;
            if (advised)
            {
                long ticks = Math.Min(stop.Advice.Value.Ticks, TimeSpan.TicksPerHour);
                wait = TimeSpan.FromTicks(ticks + ids.UpTo(Math.Max(ticks / 4, settings.FirstWait.Ticks)));
            }
            else wait = TimeSpan.FromTicks(wait.Ticks / 2 + ids.UpTo(wait.Ticks / 2));
            var kind = SillageEventKind.Offline;
            if (stop.Kind == AnswerKind.Forbidden) kind = SillageEventKind.Paused;
            else if (stop.Kind == AnswerKind.Unauthorised)
            {
                kind = SillageEventKind.LoggedOut;
                if (wait.Ticks < settings.LongestWait.Ticks / 2) wait = TimeSpan.FromTicks(settings.LongestWait.Ticks / 2);
            }
            else Interlocked.Increment(ref retries);
            notBefore = DateTime.UtcNow + wait;
            if (kind != SillageEventKind.Offline) lock (signals) { hopeless = true; Monitor.PulseAll(signals); }
            Connection(kind, stop.Code, stop.Text);
        }

        void Connection(SillageEventKind now, int code, string message)
        {
            SillageEventKind? before;
            lock (signals) { before = connection; connection = now; }
            if (before != now && !(before == null && now == SillageEventKind.Online)) Tell(now, 0, code, message);
        }

        void Drop(long count, string why)
        {
            if (count == 0) return;
            Interlocked.Add(ref dropped, count);
            Tell(SillageEventKind.Dropped, count, 0, why);
        }

        void Tell(SillageEventKind kind, long count, int code, string message)
        {
            Tell(new SillageEvent { Kind = kind, Count = count, Code = code, Message = message });
        }

        void Tell(SillageEvent told)
        {
            if (settings.OnEvent != null) { settings.OnEvent(told); return; }
            switch (told.Kind)
            {
                case SillageEventKind.Dropped: case SillageEventKind.Refused: case SillageEventKind.Damaged:
                case SillageEventKind.Unwritten: case SillageEventKind.LoggedOut: case SillageEventKind.Quarantined:
                    Console.Error.WriteLine("sillage: " + told);
                    break;
            }
        }

        static string EntryText(Item item)
        {
            var text = new StringBuilder(256);
            text.Append("{\"id\":\"").Append(item.Id).Append("\",\"session\":");
            Json.WriteTo(text, item.Session);
            text.Append(",\"sequence\":").Append(item.Sequence.ToString(CultureInfo.InvariantCulture));
            text.Append(",\"timestamp\":\"").Append(Times.Text(item.At)).Append("\",\"action\":");
            Json.WriteTo(text, item.Action);
            // A line feed in JSON is only ever between things.
            if (item.Payload != null) text.Append(",\"payload\":").Append(item.Payload.Replace('\n', ' ').Replace('\r', ' '));
            return text.Append('}').ToString();
        }

        static void CheckAddress(SillageSettings settings)
        {
            Uri address;
            if (!Uri.TryCreate(settings.Server, UriKind.Absolute, out address) || address.UserInfo != ""
                || (address.Scheme != "https" && address.Scheme != "http"))
                throw new ArgumentException("Server is no address: " + settings.Server);
            if (address.Scheme == "http" && !address.IsLoopback && !settings.AllowPlainHttp)
                throw new ArgumentException("http would send the password to " + address.Host + " in the clear: use https, or allow it");
        }

        // What one player left is never sent as the next one's: each account on each server has a folder. FNV-1a.
        static string AccountFolder(SillageSettings settings)
        {
            ulong hash = 0xcbf29ce484222325;
            foreach (string part in new[] { settings.Server, settings.ClientId, settings.Username.ToLowerInvariant() })
            {
                foreach (byte one in Encoding.UTF8.GetBytes(part + "\0")) unchecked { hash = (hash ^ one) * 0x100000001b3; }
            }
            return hash.ToString("x16", CultureInfo.InvariantCulture);
        }
    }

    // UUIDs of version 7 (RFC 9562): milliseconds, a fraction of one, 62 random bits by SplitMix64. No lock.
    sealed class Ids
    {
        long state;

        internal Ids()
        {
            var seed = new byte[8];
            using (var random = RandomNumberGenerator.Create()) random.GetBytes(seed);
            state = BitConverter.ToInt64(seed, 0);
        }

        internal string Make(DateTime at)
        {
            long ticks = Math.Max(0, at.Ticks - Times.Epoch.Ticks);
            ulong high = (ulong)(ticks / TimeSpan.TicksPerMillisecond) << 16 | 0x7000
                | (ulong)(ticks % TimeSpan.TicksPerMillisecond * 4096 / TimeSpan.TicksPerMillisecond);
            ulong low = 0x8000000000000000 | Next() >> 2;
            string digits = high.ToString("x16", CultureInfo.InvariantCulture) + low.ToString("x16", CultureInfo.InvariantCulture);
            return digits.Substring(0, 8) + "-" + digits.Substring(8, 4) + "-" + digits.Substring(12, 4) + "-"
                + digits.Substring(16, 4) + "-" + digits.Substring(20);
        }

        internal long UpTo(long most) { return most <= 0 ? 0 : (long)(Next() >> 1) % (most + 1); }

        ulong Next()
        {
            unchecked
            {
                ulong z = (ulong)Interlocked.Add(ref state, (long)0x9E3779B97F4A7C15);
                z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
                z = (z ^ z >> 27) * 0x94D049BB133111EB;
                return z ^ z >> 31;
            }
        }
    }

    static class Times
    {
        internal static readonly DateTime Epoch = new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc);

        internal static string Text(DateTime at)
        {
            return at.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        }
    }

    // Entries from the front of the queue. They stay in it until they are settled.
    sealed class Batch
    {
        internal readonly List<byte[]> Entries = new List<byte[]>();
        // Where each ends in its segment; null if they were in memory.
        internal List<long> Ends;
    }

    // Entries that wait: lines of segments in a lane, or memory. A line is eight hexadecimal digits of the CRC-32 of the text, a space,
    // the text, a line feed: what is complete before a cut at any byte is read back. The format is that of the crate sillage-client.
    sealed class Queue : IDisposable
    {
        sealed class Segment
        {
            internal Lane Lane;
            internal long Number, At, End, Entries;
            internal string Path;
            internal bool Open;
        }

        // The folder of one running game: a lock, segments, and how far they are settled.
        sealed class Lane : IDisposable
        {
            internal string Folder;
            internal int Users;
            FileStream locked, position;

            // Null if another game has it.
            internal static Lane Take(string folder)
            {
                Directory.CreateDirectory(folder);
                var lane = new Lane { Folder = folder };
                try
                {
                    lane.locked = new FileStream(System.IO.Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                    // Where sharing is only kept within a process, the lock is kept between them; where there is none, sharing is.
                    try { lane.locked.Lock(0, 1); }
                    catch (NotSupportedException) { }
                    lane.position = new FileStream(System.IO.Path.Combine(folder, "position"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
                    return lane;
                }
                catch (IOException)
                {
                    lane.Dispose();
                    return null;
                }
            }

            internal long[] Position()
            {
                var bytes = new byte[64];
                position.Seek(0, SeekOrigin.Begin);
                int length = position.Read(bytes, 0, bytes.Length);
                foreach (Line line in Line.All(bytes, length))
                {
                    if (line.Text == null) break;
                    string[] parts = Encoding.ASCII.GetString(line.Text).Split(' ');
                    long segment, offset;
                    if (parts.Length == 2 && long.TryParse(parts[0], out segment) && long.TryParse(parts[1], out offset))
                        return new[] { segment, offset };
                    break;
                }
                return new long[] { 0, 0 };
            }

            // Not flushed: what is lost of it costs a second sending, and no entry.
            internal void Settle(long segment, long offset)
            {
                var line = new MemoryStream();
                Line.Write(line, Encoding.ASCII.GetBytes(segment.ToString("d20") + " " + offset.ToString("d20")));
                try
                {
                    position.Seek(0, SeekOrigin.Begin);
                    position.Write(line.GetBuffer(), 0, (int)line.Length);
                    position.Flush();
                }
                catch (IOException) { }
            }

            public void Dispose()
            {
                if (position != null) position.Dispose();
                if (locked != null) locked.Dispose();
            }
        }

        struct Line
        {
            // Null if it is damaged or torn.
            internal byte[] Text;
            internal int End;

            internal static void Write(Stream to, byte[] text)
            {
                to.Write(Encoding.ASCII.GetBytes(Crc32.Of(text, 0, text.Length).ToString("x8") + " "), 0, 9);
                to.Write(text, 0, text.Length);
                to.WriteByte((byte)'\n');
            }

            internal static IEnumerable<Line> All(byte[] bytes, int length)
            {
                int begin = 0;
                while (begin < length)
                {
                    int feed = Array.IndexOf(bytes, (byte)'\n', begin, length - begin);
                    if (feed < 0) { yield return new Line { End = length }; yield break; }
                    var line = new Line { End = feed + 1 };
                    uint told;
                    if (feed - begin >= 9 && bytes[begin + 8] == ' '
                        && uint.TryParse(Encoding.ASCII.GetString(bytes, begin, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out told)
                        && told == Crc32.Of(bytes, begin + 9, feed - begin - 9))
                    {
                        line.Text = new byte[feed - begin - 9];
                        Buffer.BlockCopy(bytes, begin + 9, line.Text, 0, line.Text.Length);
                    }
                    begin = feed + 1;
                    yield return line;
                }
            }
        }

        const int Lanes = 256;
        readonly object inner = new object();
        readonly long diskBound, memoryBound, segmentBytes;
        readonly LinkedList<Segment> segments = new LinkedList<Segment>();
        readonly LinkedList<byte[]> memory = new LinkedList<byte[]>();
        readonly Lane own;
        long diskBytes, memoryBytes, inHand, lost, next;
        FileStream file;
        long fileEnd;
        internal readonly long FoundEntries, FoundDamaged;

        internal Queue(string folder, SillageSettings settings)
        {
            diskBound = settings.DiskBytes;
            memoryBound = settings.MemoryBytes;
            segmentBytes = Math.Max(4096, Math.Min(1 << 20, settings.DiskBytes / 8));
            if (folder == null) return;
            Directory.CreateDirectory(folder);
            for (int n = 1; n <= Lanes; n++)
            {
                string path = System.IO.Path.Combine(folder, "lane-" + n);
                // Those behind the first that does not exist were never made.
                if (own != null && !Directory.Exists(path)) break;
                Lane lane = Lane.Take(path);
                if (lane == null) continue;
                if (own == null) { own = lane; lane.Users = 1; }
                Adopt(lane, ref FoundEntries, ref FoundDamaged);
                if (lane.Users == 0) lane.Dispose();
            }
            if (own == null) throw new IOException(folder + ": " + Lanes + " games use it at the same time, or it can't be written");
        }

        internal bool HasFolder { get { return own != null; } }

        internal long Waiting
        {
            get
            {
                lock (inner)
                {
                    long count = memory.Count + inHand;
                    foreach (Segment segment in segments) count += segment.Entries;
                    return count;
                }
            }
        }

        void Adopt(Lane lane, ref long entries, ref long damaged)
        {
            long[] position = lane.Position();
            next = lane == own ? position[0] : next;
            var names = new List<string>(Directory.GetFiles(lane.Folder, "*.seg"));
            names.Sort(StringComparer.Ordinal);
            foreach (string path in names)
            {
                long number;
                if (!long.TryParse(System.IO.Path.GetFileNameWithoutExtension(path), out number)) continue;
                if (lane == own) next = Math.Max(next, number);
                byte[] bytes = File.ReadAllBytes(path);
                long at = number < position[0] ? bytes.Length : number == position[0] ? Math.Min(position[1], bytes.Length) : 0;
                var segment = new Segment { Lane = lane, Number = number, Path = path, At = at, End = bytes.Length };
                var rest = new byte[bytes.Length - at];
                Buffer.BlockCopy(bytes, (int)at, rest, 0, rest.Length);
                foreach (Line line in Line.All(rest, rest.Length))
                {
                    if (line.Text == null) damaged++; else segment.Entries++;
                }
                entries += segment.Entries;
                if (segment.Entries == 0) { File.Delete(path); continue; }
                diskBytes += rest.Length;
                lane.Users++;
                segments.AddLast(segment);
            }
        }

        // All of these, or none: false if as much waits as may. To be called by the keeper alone, as all that writes.
        internal bool Append(List<byte[]> entries)
        {
            var lines = new MemoryStream();
            foreach (byte[] entry in entries) Line.Write(lines, entry);
            lock (inner) { if (diskBytes + lines.Length > diskBound) return false; }
            if (file == null)
            {
                next++;
                string path = System.IO.Path.Combine(own.Folder, next.ToString("d12") + ".seg");
                file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read);
                fileEnd = 0;
                lock (inner)
                {
                    own.Users++;
                    segments.AddLast(new Segment { Lane = own, Number = next, Path = path, Open = true });
                }
            }
            try
            {
                file.Write(lines.GetBuffer(), 0, (int)lines.Length);
                file.Flush();
            }
            catch (IOException)
            {
                // Half a line would damage the next: it is cut off, or the next goes to another file.
                try { file.SetLength(fileEnd); file.Seek(fileEnd, SeekOrigin.Begin); }
                catch (IOException) { Close(); }
                throw;
            }
            fileEnd += lines.Length;
            lock (inner)
            {
                diskBytes += lines.Length;
                Segment open = segments.Last.Value;
                open.End = fileEnd;
                open.Entries += entries.Count;
            }
            if (fileEnd >= segmentBytes) Close();
            return true;
        }

        internal void FlushToDisk() { if (file != null) file.Flush(true); }

        internal void Close()
        {
            if (file != null)
            {
                try { file.Flush(true); file.Dispose(); }
                catch (IOException) { }
                file = null;
            }
            lock (inner)
            {
                foreach (Segment segment in segments) segment.Open = false;
                DropSettled();
            }
        }

        internal bool KeepInMemory(byte[] entry)
        {
            lock (inner)
            {
                if (memoryBytes + entry.Length > memoryBound) return false;
                memoryBytes += entry.Length;
                memory.AddLast(entry);
                return true;
            }
        }

        internal Batch TakeMemory(int entries, long bytes)
        {
            lock (inner)
            {
                if (memory.Count == 0) return null;
                var batch = new Batch();
                long size = 0;
                while (memory.Count > 0 && batch.Entries.Count < entries)
                {
                    byte[] first = memory.First.Value;
                    if (batch.Entries.Count > 0 && size + first.Length > bytes) break;
                    size += first.Length;
                    memory.RemoveFirst();
                    memoryBytes -= first.Length;
                    inHand++;
                    batch.Entries.Add(first);
                }
                return batch;
            }
        }

        internal Batch Front(int entries, int bytes)
        {
            while (true)
            {
                Segment front = null;
                long at = 0, end = 0;
                lock (inner)
                {
                    DropSettled();
                    foreach (Segment segment in segments)
                    {
                        if (segment.At >= segment.End) continue;
                        front = segment; at = segment.At; end = segment.End;
                        break;
                    }
                }
                if (front == null) return TakeMemory(entries, bytes);
                Batch batch = null;
                try { batch = Read(front.Path, at, end, entries, bytes); }
                catch (IOException) { }
                if (batch != null && batch.Entries.Count > 0) return batch;
                // Nothing but damage, or nothing that can be read: it is left where it lies, for another run.
                Advance(batch != null && batch.Ends.Count > 0 ? batch.Ends[batch.Ends.Count - 1] : end, 0);
            }
        }

        static Batch Read(string path, long at, long end, int most, long wanted)
        {
            using (var from = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
            {
                while (true)
                {
                    var bytes = new byte[Math.Min(wanted, end - at)];
                    from.Seek(at, SeekOrigin.Begin);
                    int length = 0, read;
                    while (length < bytes.Length && (read = from.Read(bytes, length, bytes.Length - length)) > 0) length += read;
                    bool last = length == end - at || length < bytes.Length;
                    var batch = new Batch { Ends = new List<long>() };
                    foreach (Line line in Line.All(bytes, length))
                    {
                        bool torn = line.End == length && bytes[length - 1] != '\n';
                        if (batch.Entries.Count == most || (torn && !last)) break;
                        if (line.Text != null && batch.Ends.Count > batch.Entries.Count) batch.Ends[0] = at + line.End;
                        // What is damaged is settled with the entry before it, or by itself at the beginning.
                        else if (line.Text == null && batch.Ends.Count > 0) batch.Ends[batch.Ends.Count - 1] = at + line.End;
                        else batch.Ends.Add(at + line.End);
                        if (line.Text != null) batch.Entries.Add(line.Text);
                    }
                    if (last || batch.Ends.Count > 0) return batch;
                    wanted *= 2;
                }
            }
        }

        // What stands before `from` was settled already.
        internal void Settle(Batch batch, int from, int to)
        {
            if (batch.Ends != null) Advance(batch.Ends[to - 1], to - from);
            else lock (inner) inHand -= to - from;
        }

        internal void GiveBack(Batch batch, int settled)
        {
            if (batch.Ends != null) return;
            lock (inner)
            {
                for (int n = batch.Entries.Count - 1; n >= settled; n--)
                {
                    inHand--;
                    memoryBytes += batch.Entries[n].Length;
                    memory.AddFirst(batch.Entries[n]);
                }
            }
        }

        internal long TakeLost() { lock (inner) { long count = lost; lost = 0; return count; } }

        void Advance(long to, long entries)
        {
            lock (inner)
            {
                foreach (Segment segment in segments)
                {
                    if (segment.At >= segment.End) continue;
                    to = Math.Max(segment.At, Math.Min(to, segment.End));
                    diskBytes -= to - segment.At;
                    segment.At = to;
                    segment.Entries = Math.Max(0, segment.Entries - entries);
                    if (segment.At == segment.End) { lost += segment.Entries; segment.Entries = 0; }
                    segment.Lane.Settle(segment.Number, segment.At);
                    break;
                }
                DropSettled();
            }
        }

        // Removes files of which everything is settled. The lane of another run is given back with its last one.
        void DropSettled()
        {
            LinkedListNode<Segment> node = segments.First;
            while (node != null)
            {
                LinkedListNode<Segment> following = node.Next;
                Segment segment = node.Value;
                if (segment.At >= segment.End && !segment.Open)
                {
                    // The position says that it is settled, should it stay.
                    try { File.Delete(segment.Path); }
                    catch (IOException) { }
                    catch (UnauthorizedAccessException) { }
                    segments.Remove(node);
                    if (--segment.Lane.Users == 0) segment.Lane.Dispose();
                }
                node = following;
            }
        }

        public void Dispose()
        {
            lock (inner)
            {
                foreach (Segment segment in segments) segment.Lane.Dispose();
                if (own != null) own.Dispose();
            }
        }
    }

    static class Crc32
    {
        static readonly uint[] Table = MakeTable();

        static uint[] MakeTable()
        {
            var table = new uint[256];
            for (uint n = 0; n < 256; n++)
            {
                uint value = n;
                for (int bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? 0xEDB88320 ^ value >> 1 : value >> 1;
                table[n] = value;
            }
            return table;
        }

        internal static uint Of(byte[] bytes, int offset, int count)
        {
            uint crc = 0xFFFFFFFF;
            for (int n = offset; n < offset + count; n++) crc = Table[(crc ^ bytes[n]) & 0xFF] ^ crc >> 8;
            return ~crc;
        }
    }

    enum AnswerKind { Taken, Refused, Unauthorised, Forbidden, Later }

    sealed class Answer
    {
        internal AnswerKind Kind;
        internal int Status, Code;
        internal string Text = "";
        // As Json reads it.
        internal object Body;
        // The entries that errors point at.
        internal SortedSet<int> Indices = new SortedSet<int>();
        internal TimeSpan? Advice;
    }

    // HTTP: log in, post, and say what an answer means. To be called by the courier alone.
    sealed class Wire
    {
        readonly SillageSettings settings;
        string access, refresh;
        DateTime renewAt;

        internal Wire(SillageSettings settings) { this.settings = settings; }

        internal Answer Post(List<byte[]> entries, int from, int to)
        {
            byte[] sentAt = Encoding.ASCII.GetBytes("{\"sent_at\":\"" + Times.Text(DateTime.UtcNow) + "\",");
            var body = new MemoryStream();
            body.WriteByte((byte)'[');
            for (int n = from; n < to; n++)
            {
                if (n > from) body.WriteByte((byte)',');
                body.Write(sentAt, 0, sentAt.Length);
                body.Write(entries[n], 1, entries[n].Length - 1);
            }
            body.WriteByte((byte)']');
            bool renewed = false;
            while (true)
            {
                if (access == null || renewAt <= DateTime.UtcNow)
                {
                    renewed = true;
                    Answer failed = LogIn();
                    if (failed != null) return failed;
                }
                Answer answer = Ask("/v1/logs?verbose=false", "application/json", body.ToArray(), access);
                if (answer.Kind != AnswerKind.Unauthorised || renewed) return answer;
                renewAt = DateTime.MinValue;
            }
        }

        // By the refresh token if there is one, else, or if it is refused, by the password. Null if it went well.
        Answer LogIn()
        {
            if (refresh != null)
            {
                Answer renewed = Token("grant_type=refresh_token&refresh_token=" + Uri.EscapeDataString(refresh));
                if (renewed == null || (renewed.Kind != AnswerKind.Unauthorised && renewed.Kind != AnswerKind.Refused)) return renewed;
                refresh = null;
            }
            Answer failed = Token("grant_type=password&username=" + Uri.EscapeDataString(settings.Username)
                + "&password=" + Uri.EscapeDataString(settings.Password));
            if (failed != null && failed.Kind == AnswerKind.Refused) failed.Kind = AnswerKind.Unauthorised;
            return failed;
        }

        Answer Token(string form)
        {
            form += "&client_id=" + Uri.EscapeDataString(settings.ClientId);
            Answer answer = Ask("/oauth2/access_token", "application/x-www-form-urlencoded", Encoding.ASCII.GetBytes(form), null);
            if (answer.Kind != AnswerKind.Taken) return answer;
            string token = Json.Text(answer.Body, "access_token");
            if (token == null) return NotOurs(answer);
            access = token;
            refresh = Json.Text(answer.Body, "refresh_token");
            long lives = Math.Max(2, Json.Long(answer.Body, "expires_in"));
            renewAt = DateTime.UtcNow + TimeSpan.FromSeconds(Math.Max(lives - 10, lives / 2));
            return null;
        }

        Answer Ask(string path, string type, byte[] body, string bearer)
        {
            var answer = new Answer { Kind = AnswerKind.Later };
            try
            {
                var request = (HttpWebRequest)WebRequest.Create(settings.Server + path);
                request.Method = "POST";
                request.ContentType = type;
                request.UserAgent = settings.Game + " sillage-unity/0.1";
                request.Timeout = request.ReadWriteTimeout = (int)settings.Timeout.TotalMilliseconds;
                // The password goes to the address that was given, and to no other.
                request.AllowAutoRedirect = false;
                request.ServicePoint.Expect100Continue = false;
                if (request.RequestUri.IsLoopback) request.Proxy = null;
                if (bearer != null) request.Headers["Authorization"] = "Bearer " + bearer;
                request.ContentLength = body.Length;
                using (Stream to = request.GetRequestStream()) to.Write(body, 0, body.Length);
                using (var response = (HttpWebResponse)request.GetResponse()) Read(response, answer);
            }
            catch (WebException error)
            {
                var response = error.Response as HttpWebResponse;
                if (response == null) { answer.Text = error.Message; return answer; }
                try { using (response) Read(response, answer); }
                catch (IOException broken) { answer.Text = broken.Message; return answer; }
                catch (WebException broken) { answer.Text = broken.Message; return answer; }
            }
            catch (IOException error) { answer.Text = error.Message; return answer; }
            return Judge(answer);
        }

        static void Read(HttpWebResponse response, Answer answer)
        {
            string advice = response.Headers["Retry-After"];
            long seconds;
            DateTime date;
            if (long.TryParse(advice, NumberStyles.None, CultureInfo.InvariantCulture, out seconds))
                answer.Advice = TimeSpan.FromSeconds(Math.Min(seconds, 3600));
            else if (DateTime.TryParseExact(advice, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out date))
                answer.Advice = date > DateTime.UtcNow ? date - DateTime.UtcNow : TimeSpan.Zero;
            using (var from = new StreamReader(response.GetResponseStream(), Encoding.UTF8)) answer.Text = from.ReadToEnd();
            answer.Status = (int)response.StatusCode;
            answer.Body = Json.Read(answer.Text);
        }

        // Something answered that is not Sillage: the page of a network that wants a log-in, another site, a proxy.
        static Answer NotOurs(Answer answer)
        {
            answer.Kind = AnswerKind.Later;
            answer.Text = "what answers is not Sillage (" + answer.Status + ")";
            return answer;
        }

        static Answer Judge(Answer answer)
        {
            answer.Code = answer.Status;
            if (answer.Status == 200)
            {
                if (!(answer.Body is Dictionary<string, object>)) return NotOurs(answer);
                answer.Kind = AnswerKind.Taken;
                return answer;
            }
            List<object> errors = Json.List(answer.Body, "errors");
            foreach (object error in errors)
            {
                string pointer = Json.Text(error, "pointer");
                int index;
                if (pointer != null && pointer.StartsWith("/", StringComparison.Ordinal)
                    && int.TryParse(pointer.Split('/')[1], NumberStyles.None, CultureInfo.InvariantCulture, out index)) answer.Indices.Add(index);
            }
            if (errors.Count > 0) answer.Code = (int)Json.Long(errors[0], "code");
            switch (answer.Status)
            {
                case 401: answer.Kind = AnswerKind.Unauthorised; return answer;
                // A proxy may have a limit of its own, and says it without our words.
                case 413: answer.Kind = AnswerKind.Refused; return answer;
                case 403: case 400: case 409: case 415: case 422:
                    if (errors.Count == 0) return NotOurs(answer);
                    answer.Kind = answer.Status == 403 ? AnswerKind.Forbidden : AnswerKind.Refused;
                    return answer;
                default:
                    return answer.Status == 408 || answer.Status == 429 || answer.Status >= 500 ? answer : NotOurs(answer);
            }
        }
    }

    // As much JSON as is needed: dictionaries, lists, strings, numbers, true, false, null.
    static class Json
    {
        internal static string Write(object value)
        {
            var text = new StringBuilder();
            WriteTo(text, value);
            return text.ToString();
        }

        internal static void WriteTo(StringBuilder text, object value)
        {
            if (value == null) text.Append("null");
            else if (value is bool) text.Append((bool)value ? "true" : "false");
            else if (value is float || value is double)
            {
                double number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
                // JSON knows no infinity.
                bool finite = !double.IsNaN(number) && !double.IsInfinity(number);
                text.Append(finite ? ((IFormattable)value).ToString("R", CultureInfo.InvariantCulture) : "null");
            }
            else if (value is sbyte || value is byte || value is short || value is ushort || value is int || value is uint
                || value is long || value is ulong || value is decimal) text.Append(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture));
            else if (value is IDictionary)
            {
                text.Append('{');
                bool first = true;
                foreach (DictionaryEntry member in (IDictionary)value)
                {
                    if (!first) text.Append(',');
                    first = false;
                    WriteString(text, Convert.ToString(member.Key, CultureInfo.InvariantCulture));
                    text.Append(':');
                    WriteTo(text, member.Value);
                }
                text.Append('}');
            }
            else if (value is IEnumerable && !(value is string))
            {
                text.Append('[');
                bool first = true;
                foreach (object one in (IEnumerable)value)
                {
                    if (!first) text.Append(',');
                    first = false;
                    WriteTo(text, one);
                }
                text.Append(']');
            }
            else WriteString(text, Convert.ToString(value, CultureInfo.InvariantCulture));
        }

        static void WriteString(StringBuilder text, string value)
        {
            text.Append('"');
            for (int n = 0; n < value.Length; n++)
            {
                char one = value[n];
                bool pair = char.IsHighSurrogate(one) && n + 1 < value.Length && char.IsLowSurrogate(value[n + 1]);
                if (pair) { text.Append(one).Append(value[++n]); }
                else if (char.IsSurrogate(one)) text.Append('\uFFFD');
                else if (one == '"' || one == '\\') text.Append('\\').Append(one);
                else if (one < ' ') text.Append("\\u").Append(((int)one).ToString("x4", CultureInfo.InvariantCulture));
                else text.Append(one);
            }
            text.Append('"');
        }

        internal static string Text(object from, string member) { return Member(from, member) as string; }

        internal static long Long(object from, string member)
        {
            object value = Member(from, member);
            return value is double ? (long)(double)value : 0;
        }

        internal static List<object> List(object from, string member) { return Member(from, member) as List<object> ?? new List<object>(); }

        static object Member(object from, string member)
        {
            var members = from as Dictionary<string, object>;
            object value;
            return members != null && members.TryGetValue(member, out value) ? value : null;
        }

        // Null if it is no JSON.
        internal static object Read(string text)
        {
            try
            {
                int at = 0;
                object value = Value(text, ref at, 0);
                Space(text, ref at);
                return at == text.Length ? value : null;
            }
            catch (FormatException) { return null; }
            catch (ArgumentOutOfRangeException) { return null; }
            catch (IndexOutOfRangeException) { return null; }
        }

        static void Space(string text, ref int at)
        {
            while (at < text.Length && " \t\r\n".IndexOf(text[at]) >= 0) at++;
        }

        static object Value(string text, ref int at, int depth)
        {
            if (depth > 64) throw new FormatException();
            Space(text, ref at);
            switch (text[at])
            {
                case '{':
                    var members = new Dictionary<string, object>();
                    for (at++, Space(text, ref at); text[at] != '}'; Space(text, ref at))
                    {
                        if (members.Count > 0) { Expect(text, ref at, ","); Space(text, ref at); }
                        string name = String(text, ref at);
                        Space(text, ref at);
                        Expect(text, ref at, ":");
                        members[name] = Value(text, ref at, depth + 1);
                    }
                    at++;
                    return members;
                case '[':
                    var list = new List<object>();
                    for (at++, Space(text, ref at); text[at] != ']'; Space(text, ref at))
                    {
                        if (list.Count > 0) Expect(text, ref at, ",");
                        list.Add(Value(text, ref at, depth + 1));
                    }
                    at++;
                    return list;
                case '"': return String(text, ref at);
                case 't': Expect(text, ref at, "true"); return true;
                case 'f': Expect(text, ref at, "false"); return false;
                case 'n': Expect(text, ref at, "null"); return null;
                default:
                    int begin = at;
                    while (at < text.Length && "+-0123456789.eE".IndexOf(text[at]) >= 0) at++;
                    return double.Parse(text.Substring(begin, at - begin), NumberStyles.Float, CultureInfo.InvariantCulture);
            }
        }

        static void Expect(string text, ref int at, string word)
        {
            if (string.CompareOrdinal(text, at, word, 0, word.Length) != 0) throw new FormatException();
            at += word.Length;
        }

        static string String(string text, ref int at)
        {
            Expect(text, ref at, "\"");
            var value = new StringBuilder();
            while (text[at] != '"')
            {
                char one = text[at++];
                if (one != '\\') { value.Append(one); continue; }
                char escape = text[at++];
                int place = "bfnrt".IndexOf(escape);
                if (escape == 'u')
                {
                    value.Append((char)int.Parse(text.Substring(at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                    at += 4;
                }
                else value.Append(place < 0 ? escape : "\b\f\n\r\t"[place]);
            }
            at++;
            return value.ToString();
        }
    }
}
