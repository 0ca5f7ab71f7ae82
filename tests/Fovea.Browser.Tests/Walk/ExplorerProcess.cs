using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Fovea.Browser.Tests.Walk;

/// <summary>The command <c>fovea explore</c> in a process of its own, and a reader who has been let in.</summary>
public sealed class ExplorerProcess : IAsyncDisposable
{
    private const string Token = "0123456789abcdef-of_tests";

    private readonly Process _process;
    private readonly HttpClient _client;

    private ExplorerProcess(Process process, string url)
    {
        (_process, Url, Address) = (process, url, url[..url.IndexOf("/?", StringComparison.Ordinal)]);
        _client = new HttpClient { BaseAddress = new Uri(Address), Timeout = TimeSpan.FromMinutes(2) };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
    }

    /// <summary>The program that the tests were built with.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "fovea.exe" : "fovea");

    /// <summary>The first address, which lets a browser in.</summary>
    public string Url { get; }

    /// <summary>The server, without a slash at its end.</summary>
    public string Address { get; }

    /// <summary>Starts it and waits for its address.</summary>
    public static async Task<ExplorerProcess> StartAsync(string run)
    {
        Process process = Start(["explore", "--run", run, "--json", "--host-token", Token]);
        var json = new StringBuilder();
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            json.Append(line);
            if (line == "}") return new ExplorerProcess(process, (string)JsonNode.Parse(json.ToString())!["url"]!);
        }
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Fail($"fovea explore ended with {process.ExitCode}");
        return null!;
    }

    /// <summary>Runs another command to its end, which must be a good one.</summary>
    public static async Task CommandAsync(params string[] arguments)
    {
        using Process process = Start(arguments);
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"fovea {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }

    /// <summary>What the server answers under <c>/api</c>.</summary>
    public async Task<JsonNode> JsonAsync(string path)
    {
        var (status, answer) = await SendAsync(HttpMethod.Get, path);
        Assert.True(status == 200, $"{path}: {status} {answer}");
        return answer;
    }

    /// <summary>Sends JSON.</summary>
    public async Task<(int Status, JsonNode Answer)> SendAsync(HttpMethod method, string path, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        string text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, JsonNode.Parse(text)!);
    }

    public Task<byte[]> BytesAsync(string path) => _client.GetByteArrayAsync(path, TestContext.Current.CancellationToken);

    public Task<string> PageAsync(string path) => _client.GetStringAsync(path, TestContext.Current.CancellationToken);

    /// <summary>Ends it as nothing can prepare for (SIGKILL), and it alone.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        // It ends with its input, as it does with a program that started it.
        if (!_process.HasExited) _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(20))) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static Process Start(string[] arguments)
    {
        var start = new ProcessStartInfo(Program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["FOVEA_END_WITH_INPUT"] = "1";
        var process = new Process { StartInfo = start };
        process.ErrorDataReceived += (_, line) => TestContext.Current.SendDiagnosticMessage(line.Data ?? "");
        process.Start();
        process.BeginErrorReadLine();
        return process;
    }
}
