// Plays SillageClient.cs against a server, from capture to stored entry, on Mono. scripts/games compiles and runs it:
//
//   mono harness.exe SERVER USERNAME PASSWORD FOLDER
//
// It prints the id of each entry that must be stored, one a line, and fails if something is not as it should be. Between client and
// server stands a network that can be cut.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Threading;
using Sillage;

static class Harness
{
    static readonly TimeSpan Long = TimeSpan.FromSeconds(60);
    static readonly List<SillageEvent> Told = new List<SillageEvent>();
    static readonly List<string> Ids = new List<string>();

    static int Main(string[] words)
    {
        if (words[0] == "child") return Child(words[1], words[2], words[3], words[4]);
        var relay = new Relay(new Uri(words[0]).Port);
        string server = "http://127.0.0.1:" + relay.Port;
        FromCaptureToStoredEntry(server, words[1], words[2], words[3], relay);
        KilledInTheMiddle(server, words[1], words[2], words[3], relay);
        TwoGamesOnOneDisk(server, words[1], words[2], words[3], relay);
        HowLongRecordTakes(words[1], words[2]);
        foreach (string id in Ids) Console.WriteLine(id);
        return 0;
    }

    static SillageClient Start(string server, string username, string password, string folder)
    {
        return SillageClient.Start(new SillageSettings
        {
            Server = server, Username = username, Password = password, Folder = folder, Game = "harness/1",
            WriteEvery = TimeSpan.FromMilliseconds(5), SendEvery = TimeSpan.FromMilliseconds(50),
            FirstWait = TimeSpan.FromMilliseconds(20), LongestWait = TimeSpan.FromMilliseconds(300),
            OnEvent = told => { lock (Told) Told.Add(told); },
        });
    }

    static void FromCaptureToStoredEntry(string server, string username, string password, string folder, Relay relay)
    {
        SillageClient client = Start(server, username, password, folder);
        Record(client, 250);
        Ids.Add(client.Record("typed", new Dictionary<string, object> {
            { "text", "forêt \"\n\ud83c\udf33" }, { "numbers", new object[] { 1, 2.5f, -3L, null, true } }, { "deep", new Dictionary<string, object>() },
        }));
        Ids.Add(client.RecordJson("json", "{\n\"a\":1\r\n}"));
        Check(client.Flush(Long) == 0, "everything is sent");
        Check(client.Counts.Accepted == 252 && client.Counts.Written == 252, "252 are accepted, and not " + client.Counts.Accepted);

        relay.Cut = true;
        Record(client, 150);
        Check(client.Flush(TimeSpan.FromMilliseconds(300)) == 150, "all wait while the network is cut");
        relay.Cut = false;
        Check(client.Flush(Long) == 0, "all are sent when it is mended");
        Check(Saw(SillageEventKind.Offline) && Saw(SillageEventKind.Online), "the cut was told");

        relay.Lose = 3;
        Record(client, 150);
        Check(client.Flush(Long) == 0 && relay.Lose <= 0, "all are sent though answers were lost");
        Check(client.Counts.Duplicates > 0, "the server knows what it did not answer");

        // One that does not fit is kept by the server, one that is too large is set aside; neither holds the others back.
        client.Record("");
        client.Record("huge", new Dictionary<string, object> { { "text", new string('x', 1 << 20) } });
        Record(client, 20);
        Check(client.Quit(Long) == 0, "nothing is held back");
        SillageCounts counts = client.Counts;
        Check(counts.Quarantined == 1 && counts.Refused == 1 && counts.Dropped == 0, "one in quarantine, one refused: " + counts.Quarantined + " " + counts.Refused);
        Check(Saw(SillageEventKind.Refused), "the refusal was told");
        Check(Directory.GetFiles(folder, "refused.ndjson", SearchOption.AllDirectories).Length == 1, "it is set aside");
        Check(Directory.GetFiles(folder, "*.seg", SearchOption.AllDirectories).Length == 0, "what the server has is not on the disk");
    }

    static void KilledInTheMiddle(string server, string username, string password, string folder, Relay relay)
    {
        for (int round = 0; round < 3; round++)
        {
            relay.Cut = round == 1;
            relay.Lose = round == 2 ? 3 : 0;
            var start = new ProcessStartInfo("mono", string.Join(" ", new[] {
                Quote(Assembly.GetExecutingAssembly().Location), "child", server, username, Quote(password), Quote(folder) }))
            { UseShellExecute = false, RedirectStandardOutput = true };
            using (Process child = Process.Start(start))
            {
                for (int n = 0; n < 200; n++)
                {
                    string line = child.StandardOutput.ReadLine();
                    if (line == null) break;
                    Ids.Add(line);
                }
                child.Kill();
                child.WaitForExit();
            }
        }
        relay.Cut = false;
        relay.Lose = 0;
        lock (Told) Told.Clear();
        SillageClient client = Start(server, username, password, folder);
        Check(Saw(SillageEventKind.Found), "what the killed game left is found");
        Check(client.Quit(Long) == 0, "and sent");
        Check(Directory.GetFiles(folder, "*.seg", SearchOption.AllDirectories).Length == 0, "all of it");
    }

    // Records until it is killed, and prints the ids of what is on the disk.
    static int Child(string server, string username, string password, string folder)
    {
        SillageClient client = Start(server, username, password, folder);
        var waiting = new Queue<string>();
        long shown = 0;
        while (true)
        {
            waiting.Enqueue(client.Record("jump"));
            for (long on = client.Counts.Written; shown < on; shown++) Console.WriteLine(waiting.Dequeue());
            Thread.Sleep(1);
        }
    }

    static void TwoGamesOnOneDisk(string server, string username, string password, string folder, Relay relay)
    {
        relay.Cut = true;
        SillageClient first = Start(server, username, password, folder), second = Start(server, username, password, folder);
        Record(first, 30);
        Record(second, 30);
        Check(second.Quit(TimeSpan.Zero) == 30, "one ends offline");
        relay.Cut = false;
        Check(first.Quit(Long) == 0, "the other sends its own");
        Check(first.Counts.Accepted == 30, "and no others");
        SillageClient third = Start(server, username, password, folder);
        Check(third.Quit(Long) == 0 && third.Counts.Accepted == 30, "the next sends what was left");
    }

    static void HowLongRecordTakes(string username, string password)
    {
        SillageClient client = SillageClient.Start(new SillageSettings {
            Server = "http://127.0.0.1:9", Username = username, Password = password, HandOver = 20000, OnEvent = told => { } });
        var taken = new long[10000];
        for (int n = 0; n < taken.Length; n++)
        {
            long begin = Stopwatch.GetTimestamp();
            client.RecordJson("jump", "{\"x\":1.5}");
            taken[n] = Stopwatch.GetTimestamp() - begin;
        }
        client.Dispose();
        Array.Sort(taken);
        Console.Error.WriteLine("Record takes " + taken[taken.Length / 2] * 1000000000L / Stopwatch.Frequency + " ns at the median, "
            + taken[taken.Length * 99 / 100] * 1000000000L / Stopwatch.Frequency + " ns at the 99th percentile");
    }

    static void Record(SillageClient client, int count)
    {
        for (int n = 0; n < count; n++) Ids.Add(client.Record("jump", new Dictionary<string, object> { { "n", n } }));
    }

    static bool Saw(SillageEventKind kind) { lock (Told) return Told.Exists(told => told.Kind == kind); }

    static string Quote(string word) { return "\"" + word + "\""; }

    static void Check(bool so, string what)
    {
        if (so) return;
        lock (Told) foreach (SillageEvent told in Told) Console.Error.WriteLine("  told: " + told);
        Console.Error.WriteLine("not so: " + what);
        Environment.Exit(1);
    }
}

// Passes bytes on to a server on this machine, unless it is cut; loses as many answers as it is told to.
sealed class Relay
{
    readonly int to;
    readonly List<Socket> open = new List<Socket>();
    volatile bool cut;
    internal int Lose;
    internal readonly int Port;

    internal Relay(int to)
    {
        this.to = to;
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        Run(() => { while (true) { Socket client = listener.AcceptSocket(); Run(() => Pass(client)); } });
    }

    internal bool Cut
    {
        set
        {
            cut = value;
            if (!value) return;
            lock (open) { foreach (Socket socket in open) socket.Close(); open.Clear(); }
        }
    }

    void Pass(Socket client)
    {
        if (cut) { client.Close(); return; }
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        server.Connect(IPAddress.Loopback, to);
        lock (open) { open.Add(client); open.Add(server); }
        Run(() => Copy(client, server, false));
        Copy(server, client, true);
    }

    void Copy(Socket from, Socket into, bool answers)
    {
        var bytes = new byte[8192];
        int length;
        while ((length = from.Receive(bytes)) > 0)
        {
            if (answers && Interlocked.Decrement(ref Lose) >= 0) break;
            into.Send(bytes, length, SocketFlags.None);
        }
        from.Close();
        into.Close();
    }

    static void Run(Action action)
    {
        var thread = new Thread(() =>
        {
            // A connection that breaks is what this is for.
            try { action(); } catch (SocketException) { } catch (ObjectDisposedException) { }
        });
        thread.IsBackground = true;
        thread.Start();
    }
}
