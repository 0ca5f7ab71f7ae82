using Fovea.Imaging;

namespace Fovea.Models;

/// <summary>One entry of <see cref="Architectures"/>.</summary>
/// <param name="Name">The name used in recipes and in <c>model.json</c>.</param>
/// <param name="Build">Makes a network with the given number of classes.</param>
/// <param name="InputSize">Height and width in pixels the network was published with.</param>
/// <param name="ResizeTo">Short side before the centre crop in pixels, or null where images come in the right size.</param>
/// <param name="DefaultLayer">The layer to study when none is named: the last one that still has positions.</param>
public sealed record Architecture(string Name, Func<int, GradientFlow, Network> Build, int InputSize, int? ResizeTo, string DefaultLayer)
{
    /// <summary>What images go through before the network as it was published (ImageNet's mean and standard deviation).</summary>
    public Preprocessing DefaultPreprocessing => Preprocessing.ImageNet(ResizeTo, InputSize);

    /// <summary>A new network; the caller owns it. Its weights are TorchSharp's random ones until some are loaded or initialised.</summary>
    public Network Create(int classCount, GradientFlow flow) => Build(classCount, flow);
}
