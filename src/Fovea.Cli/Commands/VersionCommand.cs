using Fovea.Cli.Results;
using Fovea.Cli.Terminal;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea version</c>.</summary>
internal sealed class VersionCommand : FoveaCommand
{
    public VersionCommand(AppEnvironment app)
        : base(app, "version", "The version of Fovea; with --verbose, of all that a result depends on.") =>
            Examples = ["fovea version", "fovea version --json"];

    protected override int Execute(CommandContext context)
    {
        IReadOnlyDictionary<string, string> versions = Versions.All();
        context.Result(new VersionResult(versions["fovea"], versions), text =>
        {
            text.WriteLine($"fovea {versions["fovea"]}");
            if (!context.Verbose) return;
            foreach ((string name, string version) in versions.Where(one => one.Key != "fovea")) text.WriteLine($"{name} {version}");
        });
        return ExitCode.Done;
    }
}
