using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Fovea.Numerics;

/// <summary>
/// The one place where derivatives are taken. libtorch ends the process where the value knows nothing of what it shall be differentiated
/// by: TorchSharp's
/// <c>autograd.grad</c> lets no exception through. Here that is checked before, what only the backward pass can find out (a graph that was
/// already freed, a value that a later operation overwrote) comes back as an exception, and an input that the value does not depend on is
/// one too.
/// </summary>
public static class Gradients
{
    /// <summary>∂ value / ∂ each of some tensors.</summary>
    /// <param name="value">A floating-point tensor of any shape; one of more than one number is differentiated as its sum.</param>
    /// <param name="by">Tensors that ask for gradients, made before <paramref name="value"/>.</param>
    /// <param name="keep">Keep what libtorch recorded, so that the value can be differentiated again.</param>
    /// <returns>One gradient each, in their shapes; new tensors in the current dispose scope.</returns>
    /// <exception cref="FoveaException">The value or one of the tensors has no gradient, or the value does not depend on one of
    /// them.</exception>
    public static Tensor[] Of(Tensor value, IReadOnlyList<Tensor> by, bool keep = false)
    {
        ArgumentNullException.ThrowIfNull(value);
        using var scope = NewDisposeScope();
        return MoveOut(Through(value.numel() == 1 ? value : value.sum(), by, seed: null, keep));
    }

    /// <summary>The same of one tensor.</summary>
    /// <inheritdoc cref="Of(Tensor, IReadOnlyList{Tensor}, bool)"/>
    public static Tensor Of(Tensor value, Tensor by, bool keep = false) => Of(value, [by], keep)[0];

    /// <summary>Σ seed · ∂ value / ∂ <paramref name="by"/>: a gradient at a value carried back to what it was made from.</summary>
    /// <param name="value">A floating-point tensor.</param>
    /// <param name="by">A tensor that asks for gradients.</param>
    /// <param name="seed">The gradient at <paramref name="value"/>, in its shape.</param>
    /// <exception cref="FoveaException">See <see cref="Of(Tensor, IReadOnlyList{Tensor}, bool)"/>; or the seed has another
    /// shape.</exception>
    public static Tensor Pull(Tensor value, Tensor by, Tensor seed)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(seed);
        if (!seed.shape.AsSpan().SequenceEqual(value.shape))
            throw FoveaException.BadConfiguration(
                $"A gradient [{string.Join(", ", seed.shape)}] was given for a value [{string.Join(", ", value.shape)}].");
        using var scope = NewDisposeScope();
        return MoveOut(Through(value, [by], seed, keep: false))[0];
    }

    /// <summary>Adds ∂ loss / ∂ w to the <c>grad</c> of every tensor w the loss was made from and that asks for gradients.</summary>
    /// <param name="loss">One number.</param>
    /// <exception cref="FoveaException">The loss has no gradient.</exception>
    public static void Accumulate(Tensor loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        Require(loss.requires_grad, "The loss has no gradient: nothing it was computed from asks for one.");
        if (loss.numel() != 1) throw FoveaException.BadConfiguration($"A loss is one number, not [{string.Join(", ", loss.shape)}].");
        Run(() => autograd.backward([loss]));
    }

    private static Tensor[] Through(Tensor value, IReadOnlyList<Tensor> by, Tensor? seed, bool keep)
    {
        ArgumentNullException.ThrowIfNull(by);
        Require(value.is_floating_point(), "A gradient was asked for of whole numbers.");
        Require(value.requires_grad,
            "There is no gradient: the value does not depend on anything that gradients were asked for of. Was it detached, or rounded?");
        foreach (Tensor one in by)
            Require(one.requires_grad, "There is no gradient: what the value shall be differentiated by does not ask for one.");
        Tensor?[] before = [.. by.Select(one => one.is_leaf ? one.grad : null)];
        foreach (Tensor one in by) one.grad = null;
        try
        {
            // Unlike autograd.grad, which writes no fields, backward hands exceptions of libtorch on; limited to these inputs it does the
            // same work.
            Run(() => autograd.backward([value], seed is null ? null : [seed], keep, false, [.. by]));
            return [.. by.Select((one, i) => one.grad ?? throw FoveaException.BadConfiguration(
                $"There is no gradient: the value does not depend on input {i + 1} of the {by.Count} that it shall be differentiated "
                    + $"by."))];
        }
        finally
        {
            for (int i = 0; i < before.Length; i++) by[i].grad = before[i];
        }
    }

    private static Tensor[] MoveOut(Tensor[] gradients)
    {
        foreach (Tensor gradient in gradients) gradient.MoveToOuterDisposeScope();
        return gradients;
    }

    private static void Run(Action backward)
    {
        try
        {
            backward();
        }
        catch (ExternalException error) when (!Shortage.Is(error))
        {
            throw FoveaException.BadConfiguration($"There is no gradient: {error.Message.Split('\n')[0]}", error);
        }
    }

    private static void Require(bool condition, string message)
    {
        if (!condition) throw FoveaException.BadConfiguration(message);
    }
}
