using System.CommandLine;
using Fovea.Checkpoints;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea weights convert</c>: from one form of checkpoint to the other.</summary>
internal sealed class WeightsConvertCommand : FoveaCommand
{
    private readonly Argument<string> _input = new("IN") { Description = "A PyTorch file (.pth, zip form) or a safetensors file." };
    private readonly Argument<string> _output =
        new("OUT") { Description = "The file to write; its ending names the form: .safetensors, .pth or .pt." };

    public WeightsConvertCommand(AppEnvironment app)
        : base(app, "convert", "From PyTorch's form to safetensors or back. Nested state dicts and module. prefixes are taken off.")
    {
        Add(_input);
        Add(_output);
        Add(SharedOptions.WeightsKey);
        Examples = ["fovea weights convert resnet18.pth resnet18.safetensors"];
    }

    protected override int Execute(CommandContext context)
    {
        string input = context.Get(_input), output = context.Get(_output);
        if (Path.GetFullPath(input) == Path.GetFullPath(output))
            throw FoveaException.BadConfiguration($"{output} is the input itself. Give another file to write.");
        using StateDict weights = StateDict.Load(input, context.Get(SharedOptions.WeightsKey));
        foreach (string note in weights.Notes) context.Warn(note);
        weights.Save(output);
        long bytes = new FileInfo(output).Length;
        context.Result(
            new WeightsConvertResult(Path.GetFullPath(output), weights.Count, bytes),
            text => text.WriteLine($"{output}: {weights.Count} tensors, {Humane.Bytes(bytes)}"));
        return ExitCode.Done;
    }
}
