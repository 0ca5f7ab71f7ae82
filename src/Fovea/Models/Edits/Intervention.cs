using static TorchSharp.torch;

namespace Fovea.Models.Edits;

/// <summary>
/// One change of what a network computes, as a value: at a layer, the values of some units become others, everywhere or at some positions
/// of the grid. What follows is then run on the changed output. Ablation, splicing, steering and class activation maps by ablation are
/// lists of these.
/// </summary>
/// <param name="Layer">The layer.</param>
/// <param name="Units">Whose values: neurons, a direction, latents of a dictionary.</param>
/// <param name="Operation">What becomes of them.</param>
public sealed record Intervention(string Layer, EditedUnits Units, UnitOperation Operation)
{
    /// <summary>Rows and columns of the layer's grid where it is made; null: everywhere.</summary>
    public IReadOnlyList<(int Y, int X)>? Positions { get; init; }

    /// <summary>In words.</summary>
    public string Caption =>
        $"{Layer}: {Units.Caption} {Operation.Caption}{(Positions is null ? "" : $" at {string.Join(", ", Positions)}")}";

    /// <summary>Whether values of another image are needed.</summary>
    public bool NeedsOthers => Operation is UnitOperation.Resampling;

    /// <summary>The layer's output after the change.</summary>
    /// <param name="output"><c>[N, C, H, W]</c> or <c>[N, C]</c>; not changed.</param>
    /// <param name="others">The layer's output on other images, one for each, in that shape; null where <see cref="NeedsOthers"/> is
    /// false.</param>
    /// <returns>A tensor of that shape, in the current dispose scope.</returns>
    /// <exception cref="FoveaException">The units do not fit the layer, or a position is not on its grid.</exception>
    public Tensor Apply(Tensor output, Tensor? others = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        using var scope = NewDisposeScope();
        Tensor last = output.movedim([1], [-1]);
        Tensor changed = Units.Apply(Rows(output), Operation, NeedsOthers && others is not null ? Rows(others) : null);
        changed = changed.reshape(last.shape).movedim([-1], [1]);
        if (Positions is not null) changed = where(Mask(output), changed, output);
        return changed.contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>Outputs that each get a change of their own.</summary>
    /// <param name="outputs"><c>[P, C, H, W]</c>; not changed.</param>
    /// <param name="each">One intervention for each of the P, none of which needs others.</param>
    /// <returns>A tensor of that shape, in the current dispose scope.</returns>
    public static Tensor ApplyEach(Tensor outputs, IReadOnlyList<Intervention> each)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(each);
        if (each.Count != outputs.shape[0])
            throw new ArgumentException($"{each.Count} interventions for {outputs.shape[0]} outputs.", nameof(each));
        using var scope = NewDisposeScope();
        if (each.All(one => one.SilencedNeuron is not null))
        {
            // One neuron each: a mask for all of them together.
            Tensor channel = tensor([.. each.Select(one => (long)one.SilencedNeuron!.Value)], [each.Count, 1], device: outputs.device);
            Tensor kept = (channel != arange(outputs.shape[1], device: outputs.device)).to(outputs.dtype);
            return (outputs * kept.reshape(
                [each.Count, outputs.shape[1], .. Enumerable.Repeat(1L, (int)outputs.dim() - 2)])).MoveToOuterDisposeScope();
        }
        return cat([.. each.Select((one, i) => one.Apply(outputs.narrow(0, i, 1)))]).MoveToOuterDisposeScope();
    }

    private int? SilencedNeuron => Positions is null && Operation is UnitOperation.Zeroing ? Units.SingleNeuron : null;

    private static Tensor Rows(Tensor output) => output.movedim([1], [-1]).reshape(-1, output.shape[1]);

    private Tensor Mask(Tensor output)
    {
        if (output.dim() != 4)
            throw FoveaException.BadConfiguration($"{Layer} has no positions: an intervention on it is made everywhere.");
        var (height, width) = (output.shape[2], output.shape[3]);
        var mask = new bool[height * width];
        foreach (var (y, x) in Positions!)
        {
            if (y < 0 || y >= height || x < 0 || x >= width)
                throw FoveaException.BadConfiguration($"Position ({y}, {x}) is not on the grid of {Layer}, {height} × {width}.");
            mask[y * width + x] = true;
        }
        return tensor(mask, [1, 1, height, width], device: output.device);
    }
}
