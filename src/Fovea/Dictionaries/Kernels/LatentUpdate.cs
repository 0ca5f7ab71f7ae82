using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Fovea.Dictionaries.Sparse;
using Fovea.Numerics;

namespace Fovea.Dictionaries.Kernels;

/// <summary>
/// The third part of <see cref="SparseStep"/>: for each latent the gradients over its entries,
/// <code>
/// ∂L/∂W_dec,i = Σ f ∂L/∂x̂        ∂L/∂W_enc,i = Σ ∂L/∂z (x − b_dec)        ∂L/∂b_enc,i = Σ ∂L/∂z
/// </code>
/// and Adam on them while they are in the cache: no gradient goes to memory. Also ∂L/∂b_dec's part through the encoder, −Σ_i ∂L/∂z_i
/// W_enc,i. Where the norm of all gradients must be known first, a walk that changes nothing forms them once before.
/// </summary>
internal sealed unsafe partial class LatentUpdate : IDisposable
{
    private const int PanelsOfGroup = 4, Width = PanelMatrix.Width, RowsAhead = 4;

    private readonly SparseAutoencoder _autoencoder;
    private readonly StepParameters _parameters;
    private readonly StepRule _rule;
    private readonly PanelMatrix _weights;
    private readonly AdamState _decoder, _encoderBias;
    private readonly PanelState? _encoder;
    private readonly AdamState[] _own;
    private readonly NativeBuffer<float> _biasPartials;
    private readonly NativeBuffer<double> _squares;
    private Scratch[] _scratch = [];
    private bool _backwards;

    public LatentUpdate(SparseAutoencoder autoencoder, StepParameters parameters, StepRule rule, PanelMatrix weights)
    {
        (_autoencoder, _parameters, _rule, _weights) = (autoencoder, parameters, rule, weights);
        int d = parameters.InputSize, n = parameters.LatentSize;
        (_decoder, _encoderBias) = (new AdamState((long)n * d), new AdamState(n));
        _encoder = autoencoder.Tied ? null : new PanelState(d, n);
        _own = [.. rule.OwnParameters.Select(name => name == autoencoder.EncoderBiasParameter ? _encoderBias : new AdamState(n))];
        _biasPartials = new NativeBuffer<float>((long)Groups * d);
        _squares = new NativeBuffer<double>(Groups);
    }

    private int Groups => (_weights.Panels + PanelsOfGroup - 1) / PanelsOfGroup;

    /// <summary>Adam's moments by parameter.</summary>
    public IEnumerable<(string Name, AdamState Moments)> Moments()
    {
        yield return (SparseAutoencoder.DecoderWeightName, _decoder);
        if (_encoder is not null) yield return (SparseAutoencoder.EncoderWeightName, _encoder);
        yield return (_autoencoder.EncoderBiasParameter, _encoderBias);
        foreach (var (name, moments) in _rule.OwnParameters.Zip(_own)
            .Where(own => own.Second != _encoderBias)) yield return (name, moments);
    }

    /// <summary>Updates every parameter but b_dec.</summary>
    /// <param name="own">The entries of the codes.</param>
    /// <param name="revived">The entries of dead latents, by which they are revived.</param>
    /// <param name="centred">x − b_dec, <c>[rows, d]</c>.</param>
    /// <param name="factors">Of this step.</param>
    /// <param name="shrink">What gradients are multiplied by.</param>
    /// <param name="biasGradient">Set to ∂L/∂b_dec's part through the encoder, <c>[d]</c>, before <paramref name="shrink"/>.</param>
    public void Step(Source own, Source revived, float* centred, AdamKernel.Factors factors, float shrink, float* biasGradient)
    {
        // There and back again: what a step touched last is still in the cache when the next one begins with it.
        _backwards = !_backwards;
        Walk(Direct(own, revived, centred), _ => new Sink(factors, shrink), biasGradient);
    }

    /// <summary>The sum of the squares of every gradient but b_dec's; changes no parameter.</summary>
    /// <param name="own">The entries of the codes.</param>
    /// <param name="revived">The entries of dead latents.</param>
    /// <param name="centred">x − b_dec, <c>[rows, d]</c>.</param>
    /// <param name="biasGradient">As <see cref="Step"/> sets it.</param>
    public double Squares(Source own, Source revived, float* centred, float* biasGradient)
    {
        return Squares(Direct(own, revived, centred), biasGradient);
    }

    private double Squares(PanelWork work, float* biasGradient)
    {
        _squares.Span.Clear();
        Walk(work, group => new Sink(_squares.Pointer + group), biasGradient);
        double sum = 0;
        foreach (double squares in _squares.Span) sum += squares;
        return sum;
    }

    public void Dispose()
    {
        _decoder.Dispose();
        _encoderBias.Dispose();
        _encoder?.Dispose();
        foreach (var own in _own) own.Dispose();
        _sums.Dispose();
        _biasPartials.Dispose();
        _squares.Dispose();
        foreach (var scratch in _scratch) scratch.Dispose();
    }

    /// <summary>A panel's gradients, straight from the entries.</summary>
    private PanelWork Direct(Source own, Source revived, float* centred) =>
        (panel, in sink, biasPartial, scratch) => Panel(panel, own, revived, centred, sink, biasPartial, scratch);

    private void Reserve()
    {
        int d = _parameters.InputSize, workers = Workers.Count;
        if (_scratch.Length == workers) return;
        foreach (var scratch in _scratch) scratch.Dispose();
        _scratch = [.. Enumerable.Range(0, workers).Select(_ => new Scratch(d))];
    }

    private void Walk(PanelWork work, Func<int, Sink> sinkOf, float* biasGradient)
    {
        int d = _parameters.InputSize;
        Reserve();
        _biasPartials.Span.Clear();
        Workers.For(Groups, (item, worker) =>
        {
            int group = _backwards ? Groups - 1 - item : item;
            int last = Math.Min(_weights.Panels, (group + 1) * PanelsOfGroup);
            var sink = sinkOf(group);
            for (int panel = group * PanelsOfGroup; panel < last && panel * Width < _parameters.LatentSize; panel++)
                work(panel, sink, _biasPartials.Pointer + (long)group * d, _scratch[worker]);
        });
        new Span<float>(biasGradient, d).Clear();
        for (int group = 0; group < Groups; group++) VectorMath.AddRow(biasGradient, _biasPartials.Pointer + (long)group * d, -1, d);
    }

    private void Panel(
        int panel, in Source own, in Source revived, float* centred, in Sink sink, float* biasPartial, Scratch scratch)
    {
        int d = _parameters.InputSize, first = panel * Width, width = Math.Min(Width, _parameters.LatentSize - first);
        float* bias = stackalloc float[Width];
        new Span<float>(bias, Width).Clear();
        scratch.EncoderRows.Span.Clear();
        for (int lane = 0; lane < width; lane++)
            bias[lane] = Latent(first + lane, own, revived, centred, sink, scratch.EncoderRows.Pointer + (long)lane * d, scratch);
        float* columns = _weights.Panel(panel);
        // The gradient of b_dec comes through z alone, that of b_enc perhaps through more.
        AddColumns(columns, bias, biasPartial, d);
        if (_encoder is not null)
        {
            Transpose(scratch.EncoderRows.Pointer, scratch.EncoderPanel.Pointer, d);
            sink.Take(_encoder, _weights.Panel(0), scratch.EncoderPanel.Pointer, (long)panel * d * Width, d * Width);
        }
        else if (sink.Updates) Retie(columns, first, width, d);
        for (int number = 0; number < _own.Length; number++)
        {
            if (_own[number] == _encoderBias) AddOwn(number, first, width, own, bias);
            else Own(number, first, width, own, sink);
        }
        if (_autoencoder.Biases) sink.Take(_encoderBias, _parameters.EncoderBias, bias, first, width);
    }

    /// <summary>The decoder's row of one latent, and its column's gradient as a row.</summary>
    /// <returns>∂L/∂b_enc.</returns>
    private float Latent(
        int latent, in Source own, in Source revived, float* centred, in Sink sink, float* encoderRow, Scratch scratch)
    {
        int d = _parameters.InputSize;
        float* gradient = scratch.DecoderRow.Pointer;
        // On their way from memory while the entries are summed.
        if (sink.Updates) FetchMoments(latent, d);
        new Span<float>(gradient, d).Clear();
        float sum = Gather(latent, own, _rule.Slots, centred, gradient, encoderRow, scratch, out int count);
        if (revived.Entries.Count > 0)
        {
            sum += Gather(latent, revived, 1, centred, gradient, encoderRow, scratch, out int more);
            count += more;
        }
        TakeDecoderRow(latent, gradient, across: count > 0, sink);
        return sum;
    }

    private void TakeDecoderRow(int latent, float* gradient, bool across, in Sink sink)
    {
        int d = _parameters.InputSize;
        float* row = _parameters.Decoder + (long)latent * d;
        if (_rule.UnitDecoder && across) VectorMath.AddRow(gradient, row, -VectorMath.Product(gradient, row, d), d);
        sink.Take(_decoder, _parameters.Decoder, gradient, (long)latent * d, d);
        if (_rule.UnitDecoder && sink.Updates)
        {
            float length = MathF.Sqrt(VectorMath.Product(row, row, d));
            VectorMath.Scale(row, 1 / Math.Max(length, 1e-12f), d);
        }
    }

    /// <summary>
    /// Parameters and moments of a latent: its decoder row, and its share of the panel that is updated after its last latent.
    /// </summary>
    private void FetchMoments(int latent, int d)
    {
        _decoder.Fetch(_parameters.Decoder, (long)latent * d, d);
        _encoder?.Fetch(_weights.Panel(0), (long)latent * d, d);
    }

    /// <summary>Adds a latent's entries to its gradients; returns ∂L/∂b_enc's part.</summary>
    private float Gather(
        int latent, in Source source, int slots, float* centred, float* gradient, float* encoderRow, Scratch scratch, out int count)
    {
        long start = source.Order.Start[latent];
        count = (int)(source.Order.Start[latent + 1] - start);
        if (count == 0) return 0;
        int d = _parameters.InputSize;
        int* rows = source.Order.Row + start, residualRows = rows;
        scratch.Gather(source.Entries, source.Order.Entry + start, count, out float* codes, out float* slopes);
        if (slots > 1) residualRows = scratch.GatherRows(source.Entries, source.Order.Entry + start, rows, count);
        float sum = 0;
        for (int j = 0; j < count; j++) sum += slopes[j];
        int ahead = (int)Math.Min(RowsAhead, source.Order.Count - start - count);
        VectorMath.AddRows(gradient, source.Residual, residualRows, codes, count, d, slots > 1 ? 0 : ahead);
        VectorMath.AddRows(_autoencoder.Tied ? gradient : encoderRow, centred, rows, slopes, count, d, ahead);
        return sum;
    }

    private static void AddOwn(int number, int first, int width, in Source source, float* gradient)
    {
        float* values = source.Entries.Own(number);
        for (int lane = 0; lane < width; lane++)
        {
            float sum = 0;
            for (long at = source.Order.Start[first + lane]; at < source.Order.Start[first + lane + 1]; at++)
                sum += values[source.Order.Entry[at]];
            gradient[lane] += sum;
        }
    }

    private void Own(int number, int first, int width, in Source source, in Sink sink)
    {
        float* gradient = stackalloc float[Width];
        new Span<float>(gradient, Width).Clear();
        AddOwn(number, first, width, source, gradient);
        TakeOwn(number, first, width, gradient, sink);
    }

    private void TakeOwn(int number, int first, int width, float* gradient, in Sink sink)
    {
        float* parameter = _parameters.Pointer(_rule.OwnParameters[number]);
        sink.Take(_own[number], parameter, gradient, first, width);
        if (!sink.Updates) return;
        for (int lane = 0; lane < width; lane++) parameter[first + lane] = Math.Max(parameter[first + lane], _rule.OwnParameterMinimum);
    }

    /// <summary><c>sum += panel · factors</c>: over a panel's columns, <c>[d]</c>.</summary>
    private static void AddColumns(float* panel, float* factors, float* sum, int d)
    {
        if (!new ReadOnlySpan<float>(factors, Width).ContainsAnyExcept(0f)) return;
        int k = 0;
        if (Avx.IsSupported)
        {
            Vector256<float> low = Vector256.Load(factors), high = Vector256.Load(factors + 8);
            for (; k <= d - 8; k += 8)
            {
                float* rows = panel + k * Width;
                var a = Avx.HorizontalAdd(Times(rows, low, high), Times(rows + Width, low, high));
                var b = Avx.HorizontalAdd(Times(rows + 2 * Width, low, high), Times(rows + 3 * Width, low, high));
                var c = Avx.HorizontalAdd(Times(rows + 4 * Width, low, high), Times(rows + 5 * Width, low, high));
                var e = Avx.HorizontalAdd(Times(rows + 6 * Width, low, high), Times(rows + 7 * Width, low, high));
                // The sums of four rows, once of their lower halves and once of their upper.
                Vector256<float> first = Avx.HorizontalAdd(a, b), last = Avx.HorizontalAdd(c, e);
                (Vector256.Load(sum + k) + Avx.Permute2x128(first, last, 0x20) + Avx.Permute2x128(first, last, 0x31)).Store(sum + k);
            }
        }
        for (; k < d; k++)
        {
            var total = Vector<float>.Zero;
            for (int i = 0; i < Width; i += Vector<float>.Count)
                total = Vector.MultiplyAddEstimate(Vector.Load(panel + k * Width + i), Vector.Load(factors + i), total);
            sum[k] += Vector.Sum(total);
        }
    }

    /// <summary>A panel's row times factors, its halves added.</summary>
    private static Vector256<float> Times(float* row, Vector256<float> low, Vector256<float> high) =>
        Vector256.MultiplyAddEstimate(Vector256.LoadAligned(row), low, Vector256.LoadAligned(row + 8) * high);

    private static void Transpose(float* rows, float* panel, int d)
    {
        int k = 0;
        for (; k <= d - Transposition.Side; k += Transposition.Side)
        {
            for (int lane = 0; lane < Width; lane += Transposition.Side)
                Transposition.Square(rows + (long)lane * d + k, d, panel + k * Width + lane, Width);
        }
        for (; k < d; k++)
        {
            for (int lane = 0; lane < Width; lane++) panel[k * Width + lane] = rows[(long)lane * d + k];
        }
    }

    private void Retie(float* panel, int first, int width, int d)
    {
        for (int lane = 0; lane < width; lane++)
        {
            float* row = _parameters.Decoder + (long)(first + lane) * d;
            for (int k = 0; k < d; k++) panel[k * Width + lane] = row[k];
        }
    }

    /// <summary>What is done for one panel: its gradients go to the sink, and ∂L/∂b_dec's part to <paramref name="biasPartial"/>.</summary>
    private delegate void PanelWork(int panel, in Sink sink, float* biasPartial, Scratch scratch);

    /// <summary>Entries with ∂L/∂z, their order by latent, and ∂L/∂x̂ of the reconstruction they are in, <c>[slots, rows, d]</c>.</summary>
    internal readonly struct Source(SparseEntries entries, LatentOrder order, float* residual)
    {
        public readonly SparseEntries Entries = entries;

        public readonly LatentOrder Order = order;

        public readonly float* Residual = residual;
    }

    /// <summary>Where gradients go: into Adam, or into the sum of their squares.</summary>
    private readonly struct Sink
    {
        private readonly AdamKernel.Factors _factors;
        private readonly float _shrink;
        private readonly double* _squares;

        public Sink(AdamKernel.Factors factors, float shrink) => (_factors, _shrink) = (factors, shrink);

        public Sink(double* squares) => _squares = squares;

        /// <summary>Parameters are changed.</summary>
        public bool Updates => _squares == null;

        /// <summary>Takes the gradients of elements <paramref name="start"/> … of a parameter; they are used up.</summary>
        public void Take(AdamState moments, float* parameter, float* gradient, long start, int count)
        {
            if (!Updates)
            {
                *_squares += VectorMath.Product(gradient, gradient, count);
                return;
            }
            if (_shrink != 1) VectorMath.Scale(gradient, _shrink, count);
            moments.Update(parameter, gradient, start, count, _factors);
        }
    }

    /// <summary>What one thread works in.</summary>
    private sealed class Scratch(int d) : IDisposable
    {
        private NativeBuffer<float> _codes = new(0), _slopes = new(0);
        private NativeBuffer<int> _rows = new(0);

        public NativeBuffer<float> DecoderRow { get; } = new(d);

        public NativeBuffer<float> EncoderRows { get; } = new((long)d * Width);

        public NativeBuffer<float> EncoderPanel { get; } = new((long)d * Width);

        private NativeBuffer<float> _levels = new(0);

        /// <summary>Room for a tree of panels' gradients.</summary>
        public float* Levels(long length) => NativeBuffer<float>.Ensure(ref _levels, length);

        /// <summary>Codes and ∂L/∂z of the entries that stand in <paramref name="order"/>, one after the other.</summary>
        public void Gather(SparseEntries entries, long* order, int count, out float* codes, out float* slopes)
        {
            codes = NativeBuffer<float>.Ensure(ref _codes, count);
            slopes = NativeBuffer<float>.Ensure(ref _slopes, count);
            for (int j = 0; j < count; j++) (codes[j], slopes[j]) = (entries.Code[order[j]], entries.Gradient[order[j]]);
        }

        /// <summary>Where the entries' ∂L/∂x̂ stand: a batch further for each slot.</summary>
        public int* GatherRows(SparseEntries entries, long* order, int* rows, int count)
        {
            int* gathered = NativeBuffer<int>.Ensure(ref _rows, count);
            for (int j = 0; j < count; j++) gathered[j] = entries.Slot[order[j]] * entries.Rows + rows[j];
            return gathered;
        }

        public void Dispose()
        {
            _rows.Dispose();
            _codes.Dispose();
            _slopes.Dispose();
            DecoderRow.Dispose();
            EncoderRows.Dispose();
            EncoderPanel.Dispose();
            _levels.Dispose();
        }
    }
}
