using static TorchSharp.torch;

namespace Fovea.Models.Graph;

/// <summary>
/// What an operation does to tensors: a function with fixed attributes. It returns new tensors and never writes to its inputs, also where
/// the file that a network was read from works in place, so that a value that was read stays what it was. (Batch normalisation in training
/// writes its running statistics, which are weights.)
/// </summary>
/// <param name="call">The inputs and how the network is run.</param>
/// <returns>One tensor for each output, in the current dispose scope.</returns>
public delegate Tensor[] OperatorFunction(OperatorCall call);

/// <summary>A kind of operation: its name, its function, and what is known of it without running it. <see cref="Operators"/> lists those
/// there are; an application can make its own and put it into a <see cref="NetworkGraph"/>.</summary>
public sealed class Operator
{
    private readonly Func<OperatorAttributes, SpatialReach> _reach;
    private readonly Func<OperatorAttributes, Func<OperatorCall, Tensor>>? _one;
    private readonly Func<OperatorAttributes, OperatorFunction>? _many;

    /// <summary>An operation with one output.</summary>
    /// <param name="name">Its name: that of PyTorch's function where there is one.</param>
    /// <param name="bind">Reads the attributes once and gives the function.</param>
    /// <param name="reach">Which positions an output depends on; null: not known.</param>
    public Operator(
        string name, Func<OperatorAttributes, Func<OperatorCall, Tensor>> bind, Func<OperatorAttributes, SpatialReach>? reach = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(bind);
        (Name, _one, _reach) = (name, bind, reach ?? (_ => SpatialReach.Unknown));
    }

    /// <summary>An operation with several outputs; otherwise the same.</summary>
    /// <inheritdoc cref="Operator(string, Func{OperatorAttributes, Func{OperatorCall, Tensor}}, Func{OperatorAttributes, SpatialReach}?)"/>
    public Operator(string name, Func<OperatorAttributes, OperatorFunction> bind, Func<OperatorAttributes, SpatialReach>? reach = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(bind);
        (Name, _many, _reach) = (name, bind, reach ?? (_ => SpatialReach.Unknown));
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Whether it may make more than one value.</summary>
    internal bool MakesSeveral => _many is not null;

    /// <summary>Which positions of the inputs a position of the output depends on.</summary>
    public SpatialReach Reach(OperatorAttributes attributes) => _reach(attributes);

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>The function with these attributes; exactly one of the two is given.</summary>
    internal (Func<OperatorCall, Tensor>? One, OperatorFunction? Many) Bind(OperatorAttributes attributes) =>
        (_one?.Invoke(attributes), _many?.Invoke(attributes));
}
