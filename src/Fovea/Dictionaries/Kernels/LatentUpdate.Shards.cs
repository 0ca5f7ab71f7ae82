using System.Numerics;
using Fovea.Dictionaries.Training;
using Fovea.Distributed;
using Fovea.Numerics;

namespace Fovea.Dictionaries.Kernels;

// Gradients that are sums over shards of a batch. A panel's are one block of numbers:
//   [Width, d] rows of W_dec | [Width, d] rows of W_enc's transpose, not where tied | [Width] Σ ∂L/∂z | [Width] of each own parameter
// Shards are added in a fixed tree, block by block: in the cache where one rank has all of them, over the ranks where it has not.
internal sealed unsafe partial class LatentUpdate
{
    private NativeBuffer<float> _sums = new(0);

    private long RowsLength => (long)Width * _parameters.InputSize;

    private long SlopesAt => _autoencoder.Tied ? RowsLength : 2 * RowsLength;

    private long BlockLength => SlopesAt + Width * (1 + _own.Length);

    /// <summary>Blocks of one that is asked for, and of each level of the tree.</summary>
    private long RoomFor(int shards) => BlockLength * (2 + BitOperations.Log2((uint)shards));

    private int UsedPanels => (_parameters.LatentSize + Width - 1) / Width;

    /// <summary>Updates every parameter but b_dec with the sums over all shards.</summary>
    /// <param name="shards">How the batch is cut.</param>
    /// <param name="sources">The entries of each of this rank's shards: of the codes, and of dead latents.</param>
    /// <param name="centred">x − b_dec, <c>[rows, d]</c>.</param>
    /// <param name="factors">Of this step.</param>
    /// <param name="clip">The largest norm of all gradients; 0 is none.</param>
    /// <param name="residualSum">This rank's part of Σ ∂L/∂x̂, <c>[d]</c>; afterwards ∂L/∂b_dec as it is to be used.</param>
    public void StepShards(
        BatchShards shards, (Source Own, Source Revived)[] sources, float* centred, AdamKernel.Factors factors, double clip, float* residualSum)
    {
        int d = _parameters.InputSize;
        bool together = shards.Ranks.Count > 1;
        if (together) Exchange(shards.Ranks, sources, centred, residualSum);
        PanelWork work = (panel, in sink, biasPartial, scratch) =>
        {
            float* block = scratch.Levels(RoomFor(sources.Length));
            if (together) NativeBuffer<float>.Copy(_sums.Pointer + panel * BlockLength, block, BlockLength);
            else Sum(panel, sources, centred, block, scratch);
            Take(panel, block, sink, biasPartial, scratch);
        };
        using var biasGradient = new NativeBuffer<float>(d);
        float shrink = 1;
        if (clip > 0)
        {
            double squares = Squares(work, biasGradient.Pointer);
            if (_autoencoder.Biases)
            {
                VectorMath.AddRow(biasGradient.Pointer, residualSum, 1, d);
                squares += VectorMath.Product(biasGradient.Pointer, biasGradient.Pointer, d);
            }
            shrink = (float)GradientClipping.Factor(squares, clip);
        }
        _backwards = !_backwards;
        Walk(work, _ => new Sink(factors, shrink), biasGradient.Pointer);
        VectorMath.AddRow(residualSum, biasGradient.Pointer, 1, d);
        VectorMath.Scale(residualSum, shrink, d);
    }

    /// <summary>Brings the sums of all ranks' shards together, those of the residuals behind those of the panels.</summary>
    private void Exchange(IRanks ranks, (Source Own, Source Revived)[] sources, float* centred, float* residualSum)
    {
        int d = _parameters.InputSize;
        long panels = UsedPanels * BlockLength;
        float* sums = NativeBuffer<float>.Ensure(ref _sums, panels + d);
        Reserve();
        Workers.For(UsedPanels, (panel, worker) => Sum(panel, sources, centred, sums + panel * BlockLength, _scratch[worker]));
        NativeBuffer<float>.Copy(residualSum, sums + panels, d);
        ranks.Sum(sums, panels + d);
        NativeBuffer<float>.Copy(sums + panels, residualSum, d);
    }

    /// <summary>The sum over this rank's shards of a panel's gradients.</summary>
    private void Sum(int panel, (Source Own, Source Revived)[] sources, float* centred, float* block, Scratch scratch)
    {
        // Behind the first block, which may be the one that is asked for.
        float* room = scratch.Levels(RoomFor(sources.Length)) + BlockLength;
        Branch(0, sources.Length, block, room);

        void Branch(int first, int count, float* to, float* free)
        {
            if (count == 1)
            {
                Gather(panel, sources[first], centred, to, scratch);
                return;
            }
            Branch(first, count / 2, to, free);
            Branch(first + count / 2, count / 2, free, free + BlockLength);
            FixedTree.Add(to, free, BlockLength);
        }
    }

    /// <summary>A panel's gradients over one shard.</summary>
    private void Gather(int panel, (Source Own, Source Revived) source, float* centred, float* block, Scratch scratch)
    {
        int d = _parameters.InputSize, first = panel * Width, width = Math.Min(Width, _parameters.LatentSize - first);
        new Span<float>(block, checked((int)BlockLength)).Clear();
        for (int lane = 0; lane < width; lane++)
        {
            float* gradient = block + (long)lane * d, encoderRow = gradient + (_autoencoder.Tied ? 0 : RowsLength);
            float sum = Gather(first + lane, source.Own, _rule.Slots, centred, gradient, encoderRow, scratch, out _);
            if (source.Revived.Entries.Count > 0)
                sum += Gather(first + lane, source.Revived, 1, centred, gradient, encoderRow, scratch, out _);
            block[SlopesAt + lane] = sum;
        }
        for (int number = 0; number < _own.Length; number++) AddOwn(number, first, width, source.Own, block + SlopesAt + (1 + number) * Width);
    }

    /// <summary>Gives a panel's gradients to the sink.</summary>
    private void Take(int panel, float* block, in Sink sink, float* biasPartial, Scratch scratch)
    {
        int d = _parameters.InputSize, first = panel * Width, width = Math.Min(Width, _parameters.LatentSize - first);
        for (int lane = 0; lane < width; lane++)
        {
            if (sink.Updates) FetchMoments(first + lane, d);
            TakeDecoderRow(first + lane, block + (long)lane * d, across: true, sink);
        }
        float* bias = block + SlopesAt, columns = _weights.Panel(panel);
        AddColumns(columns, bias, biasPartial, d);
        if (_encoder is not null)
        {
            Transpose(block + RowsLength, scratch.EncoderPanel.Pointer, d);
            sink.Take(_encoder, _weights.Panel(0), scratch.EncoderPanel.Pointer, (long)panel * d * Width, d * Width);
        }
        else if (sink.Updates) Retie(columns, first, width, d);
        for (int number = 0; number < _own.Length; number++)
        {
            float* own = bias + (1 + number) * Width;
            if (_own[number] == _encoderBias) FixedTree.Add(bias, own, width);
            else TakeOwn(number, first, width, own, sink);
        }
        if (_autoencoder.Biases) sink.Take(_encoderBias, _parameters.EncoderBias, bias, first, width);
    }
}
