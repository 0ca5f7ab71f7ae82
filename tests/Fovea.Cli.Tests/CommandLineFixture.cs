using System.Text.Json.Nodes;
using Fovea.Cli.Terminal;

namespace Fovea.Cli.Tests;

/// <summary>Runs command lines in this process, with captured streams and a temporary folder.</summary>
internal sealed class CommandLineFixture : IDisposable
{
    public CommandLineFixture() => Directory.CreateDirectory(Folder);

    public string Folder { get; } = Path.Combine(Path.GetTempPath(), "fovea-cli-" + Guid.NewGuid().ToString("N"));

    public FakeWorkflow Workflow { get; } = new();

    public Interruption Interruption { get; } = Interruption.Manual();

    public string Output { get; private set; } = "";

    public string Error { get; private set; } = "";

    public JsonNode Json => JsonNode.Parse(Output)!;

    public string Path_(string name) => Path.Combine(Folder, name);

    public string Write(string name, string text)
    {
        string path = Path_(name);
        File.WriteAllText(path, text);
        return path;
    }

    public int Run(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        var console = new CommandConsole(output, error, errorIsTerminal: false, colour: false);
        int code = new FoveaApplication(
            new AppEnvironment(console, Workflow, Interruption, ShellLine.Of(["fovea", .. arguments]), TimeProvider.System)).Run(arguments);
        (Output, Error) = (output.ToString(), error.ToString());
        return code;
    }

    public void Dispose()
    {
        Interruption.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
