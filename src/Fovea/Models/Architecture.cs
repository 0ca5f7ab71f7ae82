using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models;

/// <summary>One entry of <see cref="Architectures"/>.</summary>
/// <param name="Name">The name used in recipes and in <c>model.json</c>; that of the graph too.</param>
/// <param name="Build">Makes the graph, as published, with the given number of classes.</param>
/// <param name="InputSize">Height and width in pixels the network was published with.</param>
/// <param name="ResizeTo">Short side before the centre crop in pixels, or null where images come in the right size.</param>
/// <param name="DefaultLayer">The layer to study when none is named: the last one that still has positions.</param>
public sealed record Architecture(string Name, Func<int, NetworkGraph> Build, int InputSize, int? ResizeTo, string DefaultLayer)
{
    /// <summary>What images go through before the network as it was published (ImageNet's mean and standard deviation).</summary>
    public Preprocessing DefaultPreprocessing => Preprocessing.ImageNet(ResizeTo, InputSize);

    /// <summary>A network whose weights are zero until some are drawn or copied; the caller owns it.</summary>
    /// <param name="outputs">Number of classes.</param>
    /// <param name="flow">As published (null), or modified for better gradients.</param>
    /// <param name="preprocessing">Null: <see cref="DefaultPreprocessing"/>.</param>
    /// <param name="classes">The classes, if known.</param>
    public ImageModel Create(int outputs, GradientFlow? flow = null, Preprocessing? preprocessing = null, ClassList? classes = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outputs);
        return new ImageModel(Build(outputs), preprocessing ?? DefaultPreprocessing, classes, flow);
    }

    /// <summary>How many outputs the network that some weights belong to has; null where they hold no last layer of it.</summary>
    internal int? OutputsOf(StateDict weights)
    {
        using ImageModel one = Create(1);
        return weights.NamedFor(one.State).TryGetValue(ClassifierHead.Of(one.Graph).Factor, out Tensor? matrix)
            && matrix.dim() > 0 && matrix.shape[0] is > 0 and <= int.MaxValue and var outputs ? (int)outputs : null;
    }

    internal ImageModel Open(
        string weights, int outputs, ClassList? classes, GradientFlow? flow, Preprocessing? preprocessing, Device? device)
    {
        ImageModel model = Create(outputs, flow, preprocessing, classes);
        try
        {
            using (StateDict state = StateDict.Load(weights)) model.CopyFrom(state, weights);
            if (device is not null) model.MoveTo(device);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
