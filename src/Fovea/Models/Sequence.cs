using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Fovea.Models;

/// <summary>
/// Named children, one after the other. TorchSharp's own Sequential disposes what its children return, which would destroy the outputs that
/// taps keep; here a dispose scope owns them, and a tap can take a tensor out of it.
/// </summary>
internal sealed class Sequence : Block
{
    private readonly Module<Tensor, Tensor>[] _children;

    public Sequence(params (string Name, Module<Tensor, Tensor> Module)[] children) : base(nameof(Sequence))
    {
        _children = [.. children.Select(child => child.Module)];
        foreach (var (name, module) in children) register_module(name, module);
    }

    /// <summary>Children named 0, 1, 2 … as in PyTorch's Sequential.</summary>
    public Sequence(params Module<Tensor, Tensor>[] children) : this([.. children.Select((child, i) => (i.ToString(), child))])
    {
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = input;
        foreach (var child in _children) x = child.call(x);
        return scope.MoveToOuter(x);
    }
}
