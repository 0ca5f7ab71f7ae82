using Fovea.Models.Import;

namespace Fovea.Models.Pt2;

/// <summary>Takes the outputs, and hands over what was read.</summary>
internal sealed partial class Pt2Importer
{
    private const string ExportAgain = "Leave that part out of the network, or write it with other operations, and export again";

    private const string Simpler =
        "; torch.export.export(model.eval(), (images,)).run_decompositions() writes many operators as simpler ones";

    /// <summary>Operators that stand in programs of simpler ones alone.</summary>
    private static readonly HashSet<string> OfDecomposed =
        ["convolution", "_native_batch_norm_legit_no_training", "native_layer_norm", "native_group_norm", "_softmax", "_log_softmax"];

    private void TakeOutputs()
    {
        for (int i = 0; i < _program.Outputs.Count; i++)
        {
            string name = _program.OutputNames[i];
            if (_program.Outputs[i] is not Pt2Argument.Value output) continue;
            Pt2Slot slot = Look(output.Name);
            (string? value, string why) = slot.Value switch
            {
                Pt2Value.InGraph { OfImages: true } found => (found.Name, ""),
                Pt2Value.Refused refused => (null, refused.Why),
                _ => ((string?)null, ImportedProgram.Constant),
            };
            Outputs.Add((name, value, why, _program.Shapes.GetValueOrDefault(output.Name) ?? []));
        }
    }

    /// <summary>What it read, for who makes a network of it.</summary>
    public ImportedProgram ToProgram() => new()
    {
        Path = _path,
        Nodes = Nodes,
        Weights = _weights,
        Tensors = _tensors,
        Images = Images,
        ChannelsLast = _channelsLast,
        WholeNumbers = _wholeNumbers,
        ImageSize = Side(ImageShape[_channelsLast ? 1 : 2]) is { } rows && Side(ImageShape[_channelsLast ? 2 : 3]) is { } columns
            ? (rows, columns) : null,
        Batch = Batch,
        Freed = Freed,
        IsForOne = _program.IsForOne,
        Folded = _folder.Count,
        WasTraining = WasTraining,
        Converted = Converted,
        Outputs = [.. Outputs.Select(one => (one.Name, one.Value, one.Why,
            (IReadOnlyList<long?>)[.. one.Shape.Select(size => size.Length)]))],
        IsMap = value => _program.Shapes.TryGetValue(value, out Pt2Size[]? shape) && shape.Length is 3 or 4,
        Source = _program.TorchVersion.Length > 0 ? $"torch.export, PyTorch {_program.TorchVersion}" : "torch.export",
        ExportAgain = ExportAgain + (_program.Nodes.Any(node => node.IsAten && OfDecomposed.Contains(node.Name)) ? "" : Simpler) + ".",
    };

    private static int? Side(Pt2Size side) => side.Length is > 0 and <= 1 << 15 ? (int)side.Length : null;
}
