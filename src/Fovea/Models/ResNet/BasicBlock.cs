using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Fovea.Models;

/// <summary>
/// Two 3×3 convolutions and a shortcut (He et al. 2015, figure 2): relu(F(x) + x). torchvision uses one ReLU module twice; here they are
/// <c>relu1</c> and <c>relu2</c>, so that each can be tapped.
/// </summary>
internal sealed class BasicBlock : Block, IBranching
{
    private readonly Module<Tensor, Tensor> _conv1, _bn1, _relu1, _conv2, _bn2, _relu2;
    private readonly Module<Tensor, Tensor>? _downsample;

    public BasicBlock(int inputs, int outputs, int stride, GradientFlow flow) : base(nameof(BasicBlock))
    {
        register_module("conv1", _conv1 = Conv2d(inputs, outputs, 3, stride, 1, bias: false));
        register_module("bn1", _bn1 = new BatchNorm(outputs));
        register_module("relu1", _relu1 = flow.Relu());
        register_module("conv2", _conv2 = Conv2d(outputs, outputs, 3, 1, 1, bias: false));
        register_module("bn2", _bn2 = new BatchNorm(outputs));
        if (stride != 1 || inputs != outputs)
        {
            _downsample = new Sequence(Conv2d(inputs, outputs, 1, stride, bias: false), new BatchNorm(outputs));
            register_module("downsample", _downsample);
        }
        register_module("relu2", _relu2 = flow.Relu());
    }

    IReadOnlyList<IReadOnlyList<Module>> IBranching.Branches => [[_conv1, _bn1, _relu1, _conv2, _bn2], _downsample is null ? [] : [_downsample]];

    IReadOnlyList<Module> IBranching.AfterSum => [_relu2];

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = _relu1.call(_bn1.call(_conv1.call(input)));
        x = _bn2.call(_conv2.call(x));
        var shortcut = _downsample is null ? input : _downsample.call(input);
        return scope.MoveToOuter(_relu2.call(x + shortcut));
    }
}
