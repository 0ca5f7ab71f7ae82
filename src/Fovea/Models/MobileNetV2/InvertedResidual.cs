using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Fovea.Models;

/// <summary>
/// Widen by 1×1, filter each channel by 3×3, narrow by 1×1 without an activation, and a shortcut where size and width stay
/// (Sandler et al. 2018, section 3.3).
/// </summary>
internal sealed class InvertedResidual : Block, IBranching
{
    private readonly Module<Tensor, Tensor> _conv;
    private readonly bool _shortcut;

    public InvertedResidual(int inputs, int outputs, int stride, int expansion, GradientFlow flow) : base(nameof(InvertedResidual))
    {
        int hidden = inputs * expansion;
        Module<Tensor, Tensor>[] widen = expansion == 1 ? [] : [ConvNormActivation(inputs, hidden, 1, 1, 1, flow)];
        _conv = new Sequence(
        [
            .. widen,
            ConvNormActivation(hidden, hidden, 3, stride, hidden, flow),
            Conv2d(hidden, outputs, 1, bias: false),
            new BatchNorm(outputs),
        ]);
        _shortcut = stride == 1 && inputs == outputs;
        register_module("conv", _conv);
    }

    /// <summary>Convolution without bias, batch norm, ReLU6.</summary>
    public static Sequence ConvNormActivation(int inputs, int outputs, int window, int stride, int groups, GradientFlow flow) =>
        new(Conv2d(inputs, outputs, window, stride, (window - 1) / 2, groups: groups, bias: false), new BatchNorm(outputs), flow.Relu6());

    IReadOnlyList<IReadOnlyList<Module>> IBranching.Branches => _shortcut ? [[_conv], []] : [[_conv]];

    IReadOnlyList<Module> IBranching.AfterSum => [];

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = _conv.call(input);
        return scope.MoveToOuter(_shortcut ? input + x : x);
    }
}
