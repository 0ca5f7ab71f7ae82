using static TorchSharp.torch;

namespace Fovea.Models.Graph;

/// <summary>What an operation is given.</summary>
public readonly struct OperatorCall
{
    private readonly Tensor?[] _inputs;

    internal OperatorCall(Tensor?[] inputs, ForwardMode mode, int node, long images) =>
        (_inputs, Mode, Node, Images) = (inputs, mode, node, images);

    /// <summary>Number of inputs, absent ones included.</summary>
    public int Count => _inputs.Length;

    /// <summary>How the network is run.</summary>
    public ForwardMode Mode { get; }

    /// <summary>Which of the graph's nodes this is.</summary>
    public int Node { get; }

    /// <summary>How many images go through the network together.</summary>
    public long Images { get; }

    /// <summary>An input that must be there; it stays the network's.</summary>
    /// <exception cref="FoveaException">It is absent.</exception>
    public Tensor this[int input] => Optional(input) ?? throw FoveaException.BadData($"Input {input} of an operation is absent.");

    /// <summary>An input that may be absent.</summary>
    public Tensor? Optional(int input) => input < _inputs.Length ? _inputs[input] : null;

    /// <summary>All inputs, for operations that take any number.</summary>
    /// <exception cref="FoveaException">One is absent.</exception>
    public Tensor[] All()
    {
        var all = new Tensor[_inputs.Length];
        for (int i = 0; i < all.Length; i++) all[i] = this[i];
        return all;
    }
}
