using Fovea.Datasets;
using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models;

/// <summary>Makes a network for other classes; see <see cref="ImageModel.WithNewHead"/>.</summary>
internal static class NewHead
{
    /// <summary>The network with a fresh last layer.</summary>
    public static ImageModel Of(ImageModel network, ClassList classes, ulong seed)
    {
        NetworkGraph graph = network.Graph;
        ClassifierHead head = ClassifierHead.Of(graph);
        (long inputs, long before) = Sizes(network, head);
        (NetworkGraph changed, IReadOnlyList<string> fresh) = HeadReplacement.Of(graph, head, inputs, before, classes.Count);
        var made = new ImageModel(changed, network.Preprocessing, classes, network.Flow, null, classes.Count, grids: false);
        try
        {
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            foreach (var (name, tensor) in made.State)
                if (!fresh.Contains(name)) tensor.copy_(network.State[name]);
            made.Draw(seed, fresh);
            RequireAnswers(made, head, graph);
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    /// <summary>What <see cref="Of"/> does, in words.</summary>
    public static string InWords(ImageModel before, ImageModel after, ulong seed)
    {
        ClassifierHead head = ClassifierHead.Of(before.Graph);
        string softmax = head.Dropped.Count == 0
            ? "" : $" {string.Join(", ", head.Dropped)}, which made probabilities of its numbers, is left out.";
        return FormattableString.Invariant(
            $"The last layer {head.NameIn(before.Graph)} ({before.Outputs} classes) is replaced by a fresh one for the data's {after.Outputs} classes, drawn from seed {seed}; all other weights stay.{softmax}");
    }

    /// <summary>Numbers that the last layer reads and makes.</summary>
    private static (long Inputs, long Outputs) Sizes(ImageModel network, ClassifierHead head)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        (int height, int width) = network.Preprocessing.OutputSize;
        string made = head.Node.Outputs[0];
        ProbeResult result = network.Forward(zeros([1, 3, height, width], device: network.Device), new Probe(head.Input, made));
        int axis = head.IsConvolution ? 1 : (int)result[made].dim() - 1;
        return (result[head.Input].shape[axis], result[made].shape[axis]);
    }

    private static void RequireAnswers(ImageModel made, ClassifierHead head, NetworkGraph graph)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        (int height, int width) = made.Preprocessing.OutputSize;
        string found;
        try
        {
            long[] shape = made.Forward(zeros([1, 3, height, width])).shape;
            if (shape is [1, var count] && count == made.Outputs) return;
            found = $"answers then have the sizes [{string.Join(", ", shape)}] and not [1, {made.Outputs}]";
        }
        catch (FoveaException e) when (e.Kind == FailureKind.Data)
        {
            found = e.Message.Split('\n')[0];
        }
        throw FoveaException.BadConfiguration(
            $"{graph.Name}: its last layer {head.NameIn(graph)} cannot be replaced by one for {made.Outputs} classes, since what follows it "
                + $"was made for another number: {found}");
    }
}
