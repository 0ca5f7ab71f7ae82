using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Fovea.Models;

/// <summary>
/// A small network of our own for 64×64 images, in the place of the paper's own CNN (section 6.2, figure 3): four blocks of convolution, batch
/// norm and activation, global average pooling, one linear layer. <c>block4</c> has 128 channels on an 8×8 grid (1/8 of the input's size).
/// </summary>
public sealed class SmallCnn : Network
{
    /// <summary>A network with TorchSharp's random weights; see <see cref="Network.Initialise"/> for reproducible ones.</summary>
    public SmallCnn(int classCount, GradientFlow flow) : base("small_cnn", classCount, flow) => Complete(
        Add("block1", Block(3, 32, window: 5, stride: 2, pool: true, flow)),
        Add("block2", Block(32, 64, window: 3, stride: 1, pool: true, flow)),
        Add("block3", Block(64, 128, window: 3, stride: 1, pool: false, flow)),
        Add("block4", Block(128, 128, window: 3, stride: 1, pool: false, flow)),
        Add("avgpool", AdaptiveAvgPool2d(1)),
        Reshape.Flatten(),
        Add("fc", Linear(128, classCount)));

    private static Sequence Block(int inputs, int outputs, int window, int stride, bool pool, GradientFlow flow)
    {
        (string, Module<Tensor, Tensor>)[] layers =
            [("conv", Conv2d(inputs, outputs, window, stride, window / 2, bias: false)), ("bn", new BatchNorm(outputs)), ("relu", flow.Relu())];
        return new Sequence(pool ? [.. layers, ("pool", flow.Pool(2, 2, 0))] : layers);
    }
}
