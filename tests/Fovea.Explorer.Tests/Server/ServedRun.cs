using System.Net;
using System.Net.Sockets;
using System.Text;
using Fovea.Explorer.Server;
using Xunit;

namespace Fovea.Explorer.Tests.Server;

/// <summary>A made-up run behind a server, and a reader who has been let in.</summary>
public sealed class ServedRun : IAsyncDisposable
{
    public const string Token = "0123456789abcdef-of_tests";

    private readonly HttpClient _client;

    private ServedRun(RunFolderFixture run, ExplorerServer server)
    {
        (Run, Server) = (run, server);
        _client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
        {
            BaseAddress = new Uri(server.Address),
        };
    }

    public RunFolderFixture Run { get; }

    public ExplorerServer Server { get; }

    public int Port => new Uri(Server.Address).Port;

    /// <summary>Lines that the server said to the terminal.</summary>
    public List<string> Log { get; private init; } = [];

    public static Task<ServedRun> EvidencedAsync(Func<ExplorerOptions, ExplorerOptions>? with = null) =>
        StartAsync(RunFolderFixture.Evidenced(), with);

    public static async Task<ServedRun> StartAsync(RunFolderFixture run, Func<ExplorerOptions, ExplorerOptions>? with = null)
    {
        var options = new ExplorerOptions { Run = run.Folder, Token = Token };
        List<string> log = [];
        return new ServedRun(run, await ExplorerServer.StartAsync(with?.Invoke(options) ?? options, log.Add)) { Log = log };
    }

    /// <summary>A request with the token, unless other headers are given.</summary>
    public async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (headers.Length == 0) headers = [("Authorization", $"Bearer {Token}")];
        foreach ((string name, string value) in headers)
        {
            if (name == "Host") request.Headers.Host = value;
            else request.Headers.TryAddWithoutValidation(name, value);
        }
        using HttpResponseMessage answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        var all = answer.Headers.Concat(answer.Content.Headers)
            .ToDictionary(pair => pair.Key, pair => string.Join(", ", pair.Value), StringComparer.OrdinalIgnoreCase);
        byte[] body = await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        return new Answer((int)answer.StatusCode, all, body);
    }

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, null, headers);

    /// <summary>A page that must be there.</summary>
    public async Task<string> PageAsync(string path)
    {
        Answer answer = await GetAsync(path);
        Assert.True(answer.Status == 200, $"{path}: {answer.Status} {answer.Text}");
        Assert.Equal("text/html; charset=utf-8", answer.Header("Content-Type"));
        return answer.Text;
    }

    /// <summary>A request exactly as written: a client would tidy its path.</summary>
    public async Task<string> RawAsync(string request)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, Port, TestContext.Current.CancellationToken);
        await using NetworkStream stream = socket.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), TestContext.Current.CancellationToken);
        using var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer, TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            // Cut off after its answer: what came before counts.
        }
        return Encoding.Latin1.GetString(answer.ToArray());
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Server.DisposeAsync();
        Run.Dispose();
    }
}

/// <summary>What a server answered.</summary>
public sealed record Answer(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public string Header(string name) => Headers.GetValueOrDefault(name) ?? "";
}
