using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Fovea.Models;

/// <summary>
/// MobileNetV2 at width 1 (Sandler et al. 2018, table 2). Parameters named as in torchvision.
/// <c>features.18</c>, its last convolution, has 1,280 channels at 1/32 of the input's size.
/// </summary>
public sealed class MobileNetV2 : Network
{
    // Expansion, channels, repeats, stride of the first: table 2.
    private static readonly (int Expansion, int Channels, int Repeats, int Stride)[] Stages =
        [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];

    /// <summary>A network with TorchSharp's random weights; see <see cref="Network.Initialise"/> for reproducible ones.</summary>
    public MobileNetV2(int classCount, GradientFlow flow) : base("mobilenet_v2", classCount, flow)
    {
        List<Module<Tensor, Tensor>> features = [InvertedResidual.ConvNormActivation(3, 32, 3, 2, 1, flow)];
        int width = 32;
        foreach (var (expansion, channels, repeats, stride) in Stages)
        {
            for (int i = 0; i < repeats; i++)
            {
                features.Add(new InvertedResidual(width, channels, i == 0 ? stride : 1, expansion, flow));
                width = channels;
            }
        }
        features.Add(InvertedResidual.ConvNormActivation(width, 1280, 1, 1, 1, flow));
        Complete(
            Add("features", new Sequence([.. features])),
            Reshape.MeanOfPositions(),
            Add("classifier", new Sequence(new SeededDropout(0.2), Linear(1280, classCount))));
    }
}
