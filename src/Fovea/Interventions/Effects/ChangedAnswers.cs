using Fovea.Models;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Interventions.Effects;

/// <summary>
/// A network's answers after changes of a layer, a piece of a plan on a batch at a time. What decides that a change is not run is whether
/// any value differs, at any position.
/// </summary>
/// <param name="units">The units.</param>
/// <param name="passSize">Changed outputs a pass.</param>
internal abstract class ChangedAnswers(EffectUnits units, int passSize) : IDisposable
{
    /// <summary>Numbers of a tensor of changes: 128 MB.</summary>
    private const long MostNumbers = 1 << 25;

    private Tensor? _rows;
    private EffectPlan.Piece? _of;

    /// <summary>By algebra where pooling and a linear head follow; by passes else.</summary>
    public static ChangedAnswers Of(ImageModel model, string layer, EffectUnits units, int passSize) =>
        PooledHead.After(model, layer) is { } head ? new PooledAnswers(units, head) : new PassedAnswers(units, passSize);

    /// <summary>Makes the changes of a piece.</summary>
    /// <param name="piece">The changes.</param>
    /// <param name="changes">The batch's units.</param>
    /// <param name="pass">The batch's pass.</param>
    /// <param name="own">Its answers without a change.</param>
    /// <param name="gradient">Derivatives, position by position; null: none.</param>
    /// <param name="integrated">Integrated ones; null: none.</param>
    /// <param name="wanted">Which changes on which places of the batch.</param>
    /// <param name="observer">Told.</param>
    /// <param name="cancellation">Stops between two passes.</param>
    public void Make(
        EffectPlan.Piece piece, UnitChanges changes, LayerTail.Pass pass, Tensor own, Tensor? gradient, Tensor? integrated,
        Func<int, int, bool> wanted, IEffectObserver observer, CancellationToken cancellation)
    {
        int images = (int)own.shape[0];
        if (piece.Units.Length == 0)
        {
            Nothing(piece, images, wanted, observer);
            return;
        }
        Tensor rows = Rows(piece, changes.Channels, own.device);
        int together = (int)Math.Clamp(MostNumbers / Math.Max(1, (long)changes.Positions * piece.Units.Length), 1, images);
        for (int first = 0; first < images; first += together)
        {
            using var scope = NewDisposeScope();
            int count = Math.Min(together, images - first);
            Tensor delta = changes.Of(piece.Units, piece.Operation, first, count);
            Tensor cube = delta.view(count, changes.Positions, piece.Units.Length);
            bool[] active = [.. cube.ne(0).any(1).cpu().contiguous().data<bool>()];
            double[]? slopes = Predicted(gradient), ways = Predicted(integrated);
            List<EffectPair> pairs = [];
            bool silent = false;
            for (int n = 0; n < count; n++)
            {
                for (int i = 0; i < piece.Sets.Count; i++)
                {
                    int set = piece.First + i;
                    if (!wanted(set, first + n)) continue;
                    int start = n * piece.Units.Length;
                    if (piece.Sets[i].Any(unit => active[start + unit]))
                        pairs.Add(new EffectPair(set, first + n, Sum(slopes, start, piece.Sets[i]), Sum(ways, start, piece.Sets[i])));
                    else
                    {
                        silent = true;
                        observer.Silent(set, first + n);
                    }
                }
            }
            if (silent) FastPaths.Ran(FastPath.SilentChange);
            if (pairs.Count > 0) Run(piece, pairs, cube, first, rows, changes.Base, pass, own, observer, cancellation);

            // Σ over positions of Δ times the derivative along each unit's direction.
            double[]? Predicted(Tensor? derivative) => derivative is null ? null
                : [.. (cube * derivative.narrow(0, first * changes.Positions, count * changes.Positions).matmul(rows.t())
                    .view(count, changes.Positions, piece.Units.Length)).sum(1).to(float64).cpu().contiguous().data<double>()];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _rows?.Dispose();

    /// <summary>Answers after changes that change something.</summary>
    /// <param name="piece">The changes' piece.</param>
    /// <param name="pairs">Which, on which images.</param>
    /// <param name="delta">Δ, <c>[images, positions, units]</c>.</param>
    /// <param name="first">The place in the batch of its first image.</param>
    /// <param name="rows">The units' directions.</param>
    /// <param name="output">The layer's without a change.</param>
    /// <param name="pass">The batch's pass.</param>
    /// <param name="own">The answers without a change.</param>
    /// <param name="observer">Told.</param>
    /// <param name="cancellation">Stops between two passes.</param>
    private protected abstract void Run(
        EffectPlan.Piece piece, IReadOnlyList<EffectPair> pairs, Tensor delta, int first, Tensor rows, Tensor output,
        LayerTail.Pass pass, Tensor own, IEffectObserver observer, CancellationToken cancellation);

    /// <summary>Changed outputs a pass.</summary>
    private protected int PassSize => passSize;

    /// <summary>Whole numbers as a tensor.</summary>
    private protected static Tensor Index(IEnumerable<int> numbers, Device device) =>
        tensor([.. numbers.Select(number => (long)number)], int64, device: device);

    private static void Nothing(EffectPlan.Piece piece, int images, Func<int, int, bool> wanted, IEffectObserver observer)
    {
        for (int place = 0; place < images; place++)
        {
            for (int i = 0; i < piece.Sets.Count; i++)
                if (wanted(piece.First + i, place)) observer.Silent(piece.First + i, place);
        }
    }

    // A plan of one piece, as most are, makes its rows once.
    private Tensor Rows(EffectPlan.Piece piece, int channels, Device device)
    {
        if (ReferenceEquals(_of, piece)) return _rows!;
        _rows?.Dispose();
        (_of, _rows) = (piece, units.Rows(piece.Units, channels, device).DetachFromDisposeScope());
        return _rows;
    }

    private static double Sum(double[]? each, int start, int[] members)
    {
        if (each is null) return double.NaN;
        double sum = 0;
        foreach (int unit in members) sum += each[start + unit];
        return sum;
    }
}
