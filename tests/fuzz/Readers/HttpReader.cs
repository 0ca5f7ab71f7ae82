using System.Net.Sockets;
using System.Text;
using Fovea.Explorer.Server;
using Fovea.Explorer.Tests;
using Fovea.Fuzz.Changes;
using Fovea.Numerics;

namespace Fovea.Fuzz.Readers;

/// <summary>The explorer's server: requests as they go over the wire. In an input, <c>PORT</c> stands for the server's port.</summary>
internal sealed class HttpReader : FuzzReader
{
    private const string Token = "0123456789abcdef-of_attacks";

    private const int Patience = 100, OfPage = 256 << 20;

    private readonly List<string> _log = [];
    private RunFolderFixture? _run;
    private ExplorerServer? _server;
    private byte[] _port = [];

    public override string Name => "http";

    public override string About => "requests to the explorer (ExplorerServer)";

    public override IReadOnlyList<string> Types => ["Fovea.Explorer.Server.", "Fovea.Explorer.Notes.", "Fovea.Explorer.Search.", "Fovea.Explorer.Live."];

    public override bool Threads => true;

    /// <summary>A page of a run is drawn for a request of a line: what that takes is the run's.</summary>
    public override long Output(byte[] input) => OfPage;

    public override IReadOnlyList<byte[]> Seeds()
    {
        string head = $"Host: 127.0.0.1:PORT\r\nAuthorization: Bearer {Token}\r\nConnection: close\r\n";
        string form = "layer=block3&dictionary=topk&unit=1&label=wheel&text=a+note";
        return
        [
            .. ((string[])["/", "/l/block3", "/l/block3/d/topk", "/l/block3/d/topk/f/1", "/search?q=disc", "/notes", "/compare?a=block3&b=features.18",
                    "/api/run", "/api/layers", "/api/l/block3/d/topk/f/1", "/gallery?layer=block3&sort=density&page=2", "/confusion?from=1&to=2"])
                .Select(path => Encoding.Latin1.GetBytes($"GET {path} HTTP/1.1\r\n{head}\r\n")),
            Encoding.Latin1.GetBytes($"POST /notes HTTP/1.1\r\n{head}Origin: http://127.0.0.1:PORT\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                + $"Content-Length: {form.Length}\r\n\r\n{form}"),
            Encoding.Latin1.GetBytes($"PUT /api/notes HTTP/1.1\r\n{head}Content-Type: application/json\r\nContent-Length: 12\r\n\r\n{{\"notes\":[]}}"),
            Encoding.Latin1.GetBytes($"HEAD / HTTP/1.0\r\n{head}Cookie: a=b\r\nRange: bytes=0-1\r\nIf-None-Match: \"x\"\r\n\r\n"),
        ];
    }

    public override byte[] Change(byte[] input, CounterRandom random) => TextChanges.Any(input, random);

    public override void Read(byte[] input)
    {
        if (_server is null) Start();
        string request = Encoding.Latin1.GetString(input).Replace("PORT", Encoding.ASCII.GetString(_port), StringComparison.Ordinal);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect("127.0.0.1", int.Parse(Encoding.ASCII.GetString(_port), System.Globalization.CultureInfo.InvariantCulture));
        // Requests say that they are the last; one that no longer does is not waited for.
        socket.ReceiveTimeout = Patience;
        using var answer = new MemoryStream();
        try
        {
            socket.Send(Encoding.Latin1.GetBytes(request));
            var buffer = new byte[1 << 16];
            for (int read; (read = socket.Receive(buffer)) > 0;) answer.Write(buffer, 0, read);
        }
        catch (SocketException)
        {
            // It may be cut off before it was sent whole.
        }
        string[] said;
        lock (_log)
        {
            said = [.. _log];
            _log.Clear();
        }
        string first = Encoding.Latin1.GetString(answer.ToArray(), 0, (int)Math.Min(answer.Length, 400));
        if (first.StartsWith("HTTP/1.1 500", StringComparison.Ordinal) || said.Length > 0)
            throw new InvalidOperationException($"{string.Join(' ', said)}\n{first}");
        if (first.StartsWith("HTTP/1.1 2", StringComparison.Ordinal) || first.StartsWith("HTTP/1.1 3", StringComparison.Ordinal)) return;
        throw FoveaException.BadData(first.Length == 0 ? "no answer" : first.Split('\r')[0]);
    }

    public override void Dispose()
    {
        _server?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _run?.Dispose();
    }

    private void Start()
    {
        _run = RunFolderFixture.Evidenced();
        _server = ExplorerServer.StartAsync(new ExplorerOptions { Run = _run.Folder, Token = Token }, line =>
        {
            lock (_log) _log.Add(line);
        }).GetAwaiter().GetResult();
        _port = Encoding.ASCII.GetBytes(new Uri(_server.Address).Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        // What is made at the first request is not the request's.
        foreach (byte[] request in Seeds())
        {
            try
            {
                Read(request);
            }
            catch (FoveaException)
            {
                // Refused: it comes again among the inputs.
            }
        }
        _log.Clear();
    }
}
