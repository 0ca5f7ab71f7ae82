using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Fovea.Datasets;
using Fovea.Explorer.Server;
using Fovea.Imaging;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Explorer.Tests.Live;

/// <summary>A run with a real network behind a server, and a reader who has been let in.</summary>
public sealed class LiveRun : IAsyncDisposable
{
    private const string Token = "0123456789abcdef-of_tests";

    private readonly HttpClient _client;
    private readonly StudiedRun _run;

    private LiveRun(StudiedRun run, ExplorerServer server)
    {
        (_run, Server) = (run, server);
        _client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
        {
            BaseAddress = new Uri(server.Address),
        };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
    }

    public ExplorerServer Server { get; }

    public string Folder => _run.Folder;

    internal StudiedRun Run => _run;

    public static Task<LiveRun> StartAsync(Func<ExplorerOptions, ExplorerOptions>? with = null) => StartAsync(new StudiedRun(), with);

    internal static async Task<LiveRun> StartAsync(StudiedRun run, Func<ExplorerOptions, ExplorerOptions>? with = null)
    {
        var options = new ExplorerOptions { Run = run.Folder, Token = Token, Images = () => new Pictures() };
        return new LiveRun(run, await ExplorerServer.StartAsync(with?.Invoke(options) ?? options));
    }

    public async Task<(int Status, string Text, HttpResponseMessage Message)> SendAsync(
        HttpMethod method, string path, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        HttpResponseMessage answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), answer);
    }

    public Task<(int Status, string Text, HttpResponseMessage Message)> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public async Task<JsonNode> JsonAsync(string path)
    {
        var (status, text, _) = await GetAsync(path);
        Assert.True(status == 200, $"{path}: {status} {text}");
        JsonNode answer = JsonNode.Parse(text)!;
        Assert.Equal(1, answer["schema"]!.GetValue<int>());
        return answer;
    }

    /// <summary>Sends a file and gives its id.</summary>
    public async Task<string> BringAsync(byte[] file, string name = "holiday.png")
    {
        var (status, text, _) = await SendAsync(
            HttpMethod.Post, $"/api/images?name={Uri.EscapeDataString(name)}", new ByteArrayContent(file));
        Assert.True(status == 201, $"{status} {text}");
        return JsonNode.Parse(text)!["id"]!.GetValue<string>();
    }

    public static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Server.DisposeAsync();
        _run.Dispose();
    }

    /// <summary>The run's own images.</summary>
    private sealed class Pictures : IImageSource
    {
        public string Description => "pictures";

        public ClassList Classes { get; } = new(StudiedRun.Classes.Select((name, i) => new ClassInfo($"c{i}", name)));

        public int Count => 20;

        public string Fingerprint => "pictures";

        public string Id(int index) => $"val/{index:00000}";

        public int Label(int index) => index % 5;

        public RgbImage Read(int index) => StudiedRun.Picture(index);

        public void Dispose()
        {
        }
    }
}
