using System.CommandLine;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Runs.TensorBoard;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea tensorboard</c>: the curves of a run for TensorBoard.</summary>
internal sealed class TensorBoardCommand : FoveaCommand
{
    private readonly Option<string> _run = SharedOptions.Run();
    private readonly Option<string> _out =
        new("--out") { Description = "The folder to write, for tensorboard --logdir.", HelpName = "DIR", Required = true };

    public TensorBoardCommand(AppEnvironment app)
        : base(app, "tensorboard", "Every history.jsonl of a run as TensorBoard's event files: a run for each folder and split.")
    {
        Add(_run);
        Add(_out);
        Examples = ["fovea tensorboard --run runs/demo --out runs/demo/tensorboard"];
    }

    protected override int Execute(CommandContext context)
    {
        string output = Path.GetFullPath(context.Get(_out)!);
        IReadOnlyList<string> files = TensorBoardEvents.WriteRun(Path.GetFullPath(context.Get(_run)!), output);
        context.Result(
            new TensorBoardResult(output, files),
                text => text.WriteLine($"{files.Count} files. Look at them: {ShellLine.Of(["tensorboard", "--logdir", output])}"));
        return ExitCode.Done;
    }
}
