using System.CommandLine;
using Fovea.Checkpoints;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea weights inspect</c>: the tensors of a checkpoint. Nothing in the file is executed.</summary>
internal sealed class WeightsInspectCommand : FoveaCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "A PyTorch file (.pth, zip form) or a safetensors file." };

    public WeightsInspectCommand(AppEnvironment app)
        : base(app, "inspect", "What a checkpoint holds: names, types and shapes. A file is read as data; nothing in it is executed.")
    {
        Add(_file);
        Add(SharedOptions.WeightsKey);
        Examples = ["fovea weights inspect resnet18.pth", "fovea weights inspect sae_weights.safetensors --json"];
    }

    protected override int Execute(CommandContext context)
    {
        string path = context.Get(_file);
        using StateDict weights = StateDict.Load(path, context.Get(SharedOptions.WeightsKey));
        WeightsInspection contents = WeightsInspection.Open(path);
        StoredTensor[] tensors =
            [.. weights.Select(pair => new StoredTensor(pair.Key, ElementTypes.Of(pair.Value.dtype).SafetensorsName(), pair.Value.shape))];
        long parameters = weights.Values.Sum(tensor => tensor.numel());
        long bytes = weights.Values.Sum(tensor => tensor.numel() * tensor.ElementSize);
        context.Result(
            new WeightsInspectResult(path, parameters, bytes, tensors, weights.Metadata, contents.StateDicts, weights.Notes),
            text =>
            {
                int width = Math.Max(4, tensors.Select(tensor => tensor.Name.Length).DefaultIfEmpty(0).Max());
                foreach (StoredTensor tensor in tensors)
                    text.WriteLine($"{tensor.Name.PadRight(width)}  {tensor.Dtype,-5} [{string.Join(", ", tensor.Shape)}]");
                foreach ((string key, string value) in weights.Metadata) text.WriteLine($"metadata {key}: {value}");
                foreach (string note in weights.Notes) text.WriteLine($"note {note}");
                string others = string.Join(", ", contents.StateDicts.Where(one => contents.StateDicts.Count > 1)
                    .Select(one =>
                        $"{(one.Key.Length > 0 ? one.Key : "the file itself")} {one.Tensors}{(one.Averaged ? " (averaged)" : "")}"));
                if (others.Length > 0) others = $"; the file holds {others}";
                text.WriteLine($"{tensors.Length} tensors, {Humane.Count(parameters)} numbers, {Humane.Bytes(bytes)}{others}");
            });
        return ExitCode.Done;
    }
}
