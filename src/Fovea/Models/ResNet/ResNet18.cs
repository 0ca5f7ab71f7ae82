using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Fovea.Models;

/// <summary>
/// ResNet-18 (He et al. 2015, table 1), the paper's first network (section 6, figure 3). Parameters named as in torchvision.
/// <c>layer1</c> … <c>layer4</c> have 64, 128, 256, 512 channels at 1/4, 1/8, 1/16, 1/32 of the input's size.
/// </summary>
public sealed class ResNet18 : Network
{
    private readonly Module<Tensor, Tensor> _conv1, _bn1, _relu, _pool, _averagePool, _fc;
    private readonly Module<Tensor, Tensor>[] _stages;

    /// <summary>A network with TorchSharp's random weights; see <see cref="Network.Initialise"/> for reproducible ones.</summary>
    public ResNet18(int classCount, GradientFlow flow) : base("resnet18", classCount, flow)
    {
        register_module("conv1", _conv1 = Conv2d(3, 64, 7, 2, 3, bias: false));
        register_module("bn1", _bn1 = new BatchNorm(64));
        register_module("relu", _relu = flow.Relu());
        register_module("maxpool", _pool = flow.Pool(3, 2, 1));
        _stages =
        [
            Stage(64, 64, 1, flow),
            Stage(64, 128, 2, flow),
            Stage(128, 256, 2, flow),
            Stage(256, 512, 2, flow),
        ];
        for (int i = 0; i < _stages.Length; i++) register_module($"layer{i + 1}", _stages[i]);
        register_module("avgpool", _averagePool = AdaptiveAvgPool2d(1));
        register_module("fc", _fc = Linear(512, classCount));
        Complete();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = Stem(input);
        foreach (var stage in _stages) x = stage.call(x);
        return scope.MoveToOuter(_fc.call(_averagePool.call(x).flatten(1)));
    }

    // A scope of its own: the stem's tensors are the largest of the network.
    private Tensor Stem(Tensor input)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(_pool.call(_relu.call(_bn1.call(_conv1.call(input)))));
    }

    private static Sequence Stage(int inputs, int outputs, int stride, GradientFlow flow) =>
        new(new BasicBlock(inputs, outputs, stride, flow), new BasicBlock(outputs, outputs, 1, flow));
}
