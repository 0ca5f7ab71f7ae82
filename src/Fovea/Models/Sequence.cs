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

    private Sequence(IEnumerable<Module<Tensor, Tensor>> others) : base(nameof(Sequence)) => _children = [.. others];

    /// <summary>An order over modules that belong to somebody else: it has no children of its own, and no layer carries its name.</summary>
    public static Sequence Over(params IEnumerable<Module<Tensor, Tensor>> modules) => new(modules);

    /// <summary>What runs, in this order.</summary>
    public IReadOnlyList<Module<Tensor, Tensor>> Steps => _children;

    public override Tensor forward(Tensor input) => Run(input, 0);

    /// <summary>Whether <see cref="After"/> can go on from this module: a child, or a child of a child that is a sequence itself, and so on.</summary>
    public bool Holds(Module module) => _children.Any(child => ReferenceEquals(child, module) || child is Sequence inner && inner.Holds(module));

    /// <summary>What comes out of the sequence when <paramref name="output"/> comes out of one of its modules: only what follows is run.</summary>
    public Tensor After(Module module, Tensor output)
    {
        int at = Array.FindIndex(_children, child => ReferenceEquals(child, module));
        if (at >= 0) return Run(output, at + 1);
        at = Array.FindIndex(_children, child => child is Sequence inner && inner.Holds(module));
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(Run(((Sequence)_children[at]).After(module, output), at + 1));
    }

    /// <summary>The modules that run after one that <see cref="Holds"/> is true for, those of inner sequences one by one.</summary>
    public IEnumerable<Module<Tensor, Tensor>> Following(Module module)
    {
        int at = Array.FindIndex(_children, child => ReferenceEquals(child, module) || (child is Sequence inner && inner.Holds(module)));
        var inside = ReferenceEquals(_children[at], module) ? [] : ((Sequence)_children[at]).Following(module);
        return inside.Concat(_children.Skip(at + 1).SelectMany(child => child is Sequence inner ? inner.Leaves : [child]));
    }

    private IEnumerable<Module<Tensor, Tensor>> Leaves => _children.SelectMany(child => child is Sequence inner ? inner.Leaves : [child]);

    private Tensor Run(Tensor input, int first)
    {
        using var scope = NewDisposeScope();
        var x = input;
        foreach (var child in _children.AsSpan(first)) x = child.call(x);
        return scope.MoveToOuter(x);
    }
}
