using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace Fovea.Interventions.Effects;

/// <summary>
/// What follows a layer, with operations of some kinds held to what they do on the unchanged image: each becomes its own linear
/// approximation there,
/// <code>f(x) → f(o) + f′(o) (x − o)</code>
/// o its input on the unchanged image, x that after a change. All others stay as they are. With every kind held a change does exactly what
/// the derivative predicts, so what a prediction fails by is told from which kind has to be held for it to hold.
/// <para>
/// A batch is <c>[changed; unchanged]</c>, in two halves: every operation sees both, and its unchanged half is computed as always.
/// </para>
/// </summary>
internal static class HeldOperations
{
    /// <summary>The step of differences, as a share of x − o, for operations that are no functions of one number.</summary>
    private const double Step = 1e-3;

    // Kept for all calls (docs/decisions/0009-scalars-and-the-collector.md).
    private static readonly Scalar Forth = Step, Back = -Step, Twice = 2 * Step, Zero = 0.0, Six = 6.0;

    /// <summary>The network's passes behind a layer with kinds of operations held.</summary>
    /// <param name="model">The network.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="kinds">What is held.</param>
    /// <param name="opening">Rectifiers only where a change makes them steeper.</param>
    /// <returns>For batches in two halves.</returns>
    public static LayerTail Behind(ImageModel model, string layer, NonlinearKind kinds, bool opening = false)
    {
        bool[] images = GraphCut.OfImages(model.Graph);
        var nodes = Nonlinearities.Nodes(model, layer).ToHashSet<GraphNode>(ReferenceEqualityComparer.Instance);
        return new LayerTail(model.Rewritten(node => nodes.Contains(node) && (Nonlinearities.Of(node) & kinds) is not 0 and var held
            ? node with { Operator = Held(node, [.. node.Inputs.Select(OfImages)], held, opening) } : node), layer);

        bool OfImages(string name) => name.Length > 0 && images[model.Graph.ValueOf(name)];
    }

    private static Operator Held(GraphNode node, bool[] halved, NonlinearKind kinds, bool opening)
    {
        return new Operator(node.Operator.Name, Function);

        OperatorFunction Function(OperatorAttributes attributes)
        {
            var (one, many) = node.Operator.Bind(attributes);
            OperatorFunction plain = many ?? (call => [one!(call)]);
            return call =>
            {
                using var scope = NewDisposeScope();
                (OperatorCall changed, OperatorCall before) = (Half(call, halved, 0), Half(call, halved, 1));
                Tensor[] own = plain(before), held = GradientFlow.IsRelu6(node) ? [Relu6(changed[0], before[0], kinds, opening)]
                    : Elementwise.Contains(node.Operator.Name) ? [Tangent(plain, changed, before, own[0], opening)]
                    : opening ? plain(changed) : Difference(plain, changed, before, own, halved);
                return [.. own.Zip(held, (unchanged, linear) => (unchanged.dim() == 0
                    ? unchanged.alias() : cat([linear.to(unchanged.dtype), unchanged])).MoveToOuterDisposeScope())];
            };
        }
    }

    /// <summary>Functions of one number, whose derivative is a number for each.</summary>
    private static readonly HashSet<string> Elementwise =
    [
        "relu", "leaky_relu", "prelu", "elu", "celu", "gelu", "silu", "hardswish", "mish", "softplus", "abs", "sigmoid", "hardsigmoid", "tanh",
        "hardtanh", "clamp", "erf", "atan", "log_sigmoid",
    ];

    private static OperatorCall Half(OperatorCall call, bool[] halved, int half)
    {
        var inputs = new Tensor?[call.Count];
        for (int i = 0; i < inputs.Length; i++)
        {
            Tensor? input = call.Optional(i);
            if (input is not null && halved[i] && input.dim() > 0)
            {
                // The images' axis is elsewhere.
                if (input.shape[0] % call.Images != 0) throw new NotHeldException();
                input = input.narrow(0, half * input.shape[0] / 2, input.shape[0] / 2);
            }
            inputs[i] = input;
        }
        return new OperatorCall(inputs, call.Mode, call.Node, call.Images / 2);
    }

    /// <summary>f(o) + f′(o) (x − o) of a function of one number; with <paramref name="opening"/> where f′(x) > f′(o), else f(x).</summary>
    private static Tensor Tangent(OperatorFunction function, OperatorCall changed, OperatorCall before, Tensor own, bool opening)
    {
        Tensor slope = Slope(before), held = own + slope * (changed[0] - before[0]);
        return opening ? where(Slope(changed).gt(slope), held, function(changed)[0]) : held;

        Tensor Slope(OperatorCall call)
        {
            using var recording = enable_grad();
            Tensor leaf = call[0].detach().requires_grad_(true);
            Tensor?[] inputs = [leaf, .. Enumerable.Range(1, call.Count - 1).Select(call.Optional)];
            Tensor value = function(new OperatorCall(inputs, call.Mode, call.Node, call.Images))[0];
            return Gradients.Of(value, leaf);
        }
    }

    /// <summary>max(x, 0) − max(x − 6, 0): the first part is a rectifier, the second a bound.</summary>
    private static Tensor Relu6(Tensor x, Tensor before, NonlinearKind kinds, bool opening)
    {
        Tensor low = x.relu(), beyond = x.sub(Six), high = beyond.relu();
        if (kinds.HasFlag(NonlinearKind.Rectifier))
            low = where(before.gt(Zero), opening ? low : x, zeros_like(x));
        if (kinds.HasFlag(NonlinearKind.Saturation)) high = where(before.gt(Six), beyond, zeros_like(x));
        return low - high;
    }

    /// <summary>The same of any function, its derivative along x − o by a difference on both sides, in double precision.</summary>
    private static Tensor[] Difference(OperatorFunction function, OperatorCall changed, OperatorCall before, Tensor[] own, bool[] halved)
    {
        Tensor[] ahead = At(Forth), behind = At(Back);
        return [.. own.Select((value, i) => !value.is_floating_point() ? value : value.to(float64) + (ahead[i] - behind[i]).div(Twice))];

        Tensor[] At(Scalar step)
        {
            var inputs = new Tensor?[changed.Count];
            for (int i = 0; i < inputs.Length; i++)
            {
                Tensor? start = before.Optional(i);
                inputs[i] = start is null || !start.is_floating_point() ? start
                    : halved[i] ? start.to(float64) + (changed[i].to(float64) - start.to(float64)).mul(step) : start.to(float64);
            }
            return function(new OperatorCall(inputs, changed.Mode, changed.Node, changed.Images));
        }
    }
}

/// <summary>An operation cannot be held: the images are not along the first axis of what it reads.</summary>
internal sealed class NotHeldException : Exception;
