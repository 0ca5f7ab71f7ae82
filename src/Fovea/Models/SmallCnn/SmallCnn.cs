using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Fovea.Models;

/// <summary>
/// A small network of our own for 64×64 images, in the place of the paper's own CNN (section 6.2, figure 3): four blocks of convolution, batch
/// norm and activation, global average pooling, one linear layer. <c>block4</c> has 128 channels on an 8×8 grid (1/8 of the input's size).
/// </summary>
public sealed class SmallCnn : Network
{
    private readonly Module<Tensor, Tensor>[] _blocks;
    private readonly Module<Tensor, Tensor> _averagePool, _fc;

    /// <summary>A network with TorchSharp's random weights; see <see cref="Network.Initialise"/> for reproducible ones.</summary>
    public SmallCnn(int classCount, GradientFlow flow) : base("small_cnn", classCount, flow)
    {
        _blocks =
        [
            Block(3, 32, window: 5, stride: 2, pool: true, flow),
            Block(32, 64, window: 3, stride: 1, pool: true, flow),
            Block(64, 128, window: 3, stride: 1, pool: false, flow),
            Block(128, 128, window: 3, stride: 1, pool: false, flow),
        ];
        for (int i = 0; i < _blocks.Length; i++) register_module($"block{i + 1}", _blocks[i]);
        register_module("avgpool", _averagePool = AdaptiveAvgPool2d(1));
        register_module("fc", _fc = Linear(128, classCount));
        Complete();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = input;
        foreach (var block in _blocks) x = block.call(x);
        return scope.MoveToOuter(_fc.call(_averagePool.call(x).flatten(1)));
    }

    private static Sequence Block(int inputs, int outputs, int window, int stride, bool pool, GradientFlow flow)
    {
        (string, Module<Tensor, Tensor>)[] layers =
            [("conv", Conv2d(inputs, outputs, window, stride, window / 2, bias: false)), ("bn", new BatchNorm(outputs)), ("relu", flow.Relu())];
        return new Sequence(pool ? [.. layers, ("pool", flow.Pool(2, 2, 0))] : layers);
    }
}
