using System.Net;
using Fovea.Explorer.Server.Guards;
using Fovea.Runs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Fovea.Explorer.Server;

/// <summary>Serves a run to a browser of this machine, until it is disposed of.</summary>
public sealed class ExplorerServer : IAsyncDisposable
{
    /// <summary>Most bytes of a request's body, unless what it is for takes more.</summary>
    internal const int MostBytes = 64 << 10;

    private readonly WebApplication _app;
    private readonly ExplorerContext _context;

    private ExplorerServer(WebApplication app, ExplorerContext context, int port, TokenGuard token)
    {
        (_app, _context) = (app, context);
        Address = $"http://127.0.0.1:{port}";
        Url = token.FirstAddress(port);
    }

    /// <summary>The first address, with the token that lets a browser in.</summary>
    public string Url { get; }

    /// <summary>The address of the server without a token or a slash at its end.</summary>
    public string Address { get; }

    /// <summary>Reads the run and begins to serve it.</summary>
    /// <param name="options">What is served, and how.</param>
    /// <param name="log">Gets lines for the person at the terminal.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="FoveaException">Data: there is no such run folder; configuration: a port or token that cannot be used; resource:
    /// the port is taken.</exception>
    public static Task<ExplorerServer> StartAsync(
        ExplorerOptions options, Action<string>? log = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return StartAsync(options, new RunFolderReader(options.Run), ExplorerFeatures.All(), log, cancellationToken);
    }

    /// <summary>Serves any run, with other features.</summary>
    internal static async Task<ExplorerServer> StartAsync(
        ExplorerOptions options, IRunReader run, IReadOnlyList<IExplorerFeature> features, Action<string>? log, CancellationToken ct)
    {
        options.Check();
        var session = new RunSession(run, TimeProvider.System);
        foreach (string problem in session.Contents.Problems) log?.Invoke($"warning: {problem}");
        var token = new TokenGuard(options.Token);
        int first = options.Port ?? ExplorerOptions.FirstPort, last = options.Port ?? first + ExplorerOptions.Ports - 1;
        for (int port = first; port <= last; port++)
        {
            var context = new ExplorerContext(options, session, features);
            WebApplication app = Build(context, features, token, port, log);
            try
            {
                await app.StartAsync(ct);
                await context.WarmAsync();
                return new ExplorerServer(app, context, port, token);
            }
            catch (Exception e)
            {
                await context.DisposeAsync();
                await app.DisposeAsync();
                if (e is not IOException { InnerException: AddressInUseException }) throw;
            }
        }
        throw FoveaException.OutOfResource(options.Port is { } taken
            ? $"Port {taken} is taken by another program. Name another --port, or leave it away for a free one."
            : $"The ports {first} to {last} are all taken. Name a free one with --port.");
    }

    /// <summary>Ends what goes on, then the server.</summary>
    public async ValueTask DisposeAsync()
    {
        _context.Stop();
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2))) await _app.StopAsync(patience.Token);
        await _context.DisposeAsync();
        await _app.DisposeAsync();
    }

    private static WebApplication Build(
        ExplorerContext context, IReadOnlyList<IExplorerFeature> features, TokenGuard token, int port, Action<string>? log)
    {
        // Empty: what others have set for their servers (ASPNETCORE_URLS, appsettings.json) must not open this one.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore().AddSingleton<IHostLifetime, OwnLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MostBytes;
            kestrel.Limits.MaxRequestHeadersTotalSize = 16 << 10;
            kestrel.Limits.MaxRequestHeaderCount = 64;
            kestrel.Limits.MaxRequestLineSize = 8 << 10;
            kestrel.Limits.MaxConcurrentConnections = 256;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        WebApplication app = builder.Build();
        app.Use((http, next) => SecurityHeaders.InvokeAsync(http, next));
        app.Use((http, next) => new Failures(context, log).InvokeAsync(http, next));
        app.Use((http, next) => HostGuard.InvokeAsync(http, next));
        app.Use((http, next) => OriginGuard.InvokeAsync(http, next));
        app.Use((http, next) => token.InvokeAsync(http, next));
        app.UseRouting();
        var pages = app.MapGroup("");
        var api = app.MapGroup("/api");
        foreach (IExplorerFeature feature in features) feature.Map(pages, api, context);
        return app;
    }

    /// <summary>Who started the server ends it: it listens to no signals.</summary>
    private sealed class OwnLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
