using static TorchSharp.torch;

namespace Fovea.Checkpoints;

/// <summary>Moves elements between tensors and streams or memory, in pieces that a <see cref="Span{T}"/> can hold.</summary>
internal static class TensorBytes
{
    private const long PieceBytes = 1L << 26;

    /// <summary>Writes the elements in row-major order; copies only what is not already contiguous in main memory.</summary>
    public static void Write(Tensor tensor, Stream stream)
    {
        using var scope = NewDisposeScope();
        foreach (Tensor piece in Pieces(tensor.detach().cpu().contiguous())) stream.Write(piece.bytes);
    }

    /// <summary>Fills a contiguous CPU tensor from the stream.</summary>
    /// <exception cref="EndOfStreamException">The stream ends before.</exception>
    public static void Read(Tensor tensor, Stream stream)
    {
        using var scope = NewDisposeScope();
        foreach (Tensor piece in Pieces(tensor)) stream.ReadExactly(piece.bytes);
    }

    /// <summary>Fills a contiguous CPU tensor piece by piece, in order.</summary>
    public static void Fill(Tensor tensor, Filler fill)
    {
        using var scope = NewDisposeScope();
        foreach (Tensor piece in Pieces(tensor)) fill(piece.bytes);
    }

    /// <summary>Fills a contiguous CPU tensor from memory of the same size.</summary>
    public static unsafe void Read(Tensor tensor, byte* source)
    {
        using var scope = NewDisposeScope();
        foreach (Tensor piece in Pieces(tensor))
        {
            Span<byte> destination = piece.bytes;
            new ReadOnlySpan<byte>(source, destination.Length).CopyTo(destination);
            source += destination.Length;
        }
    }

    /// <summary>Writes the next bytes of a tensor.</summary>
    public delegate void Filler(Span<byte> bytes);

    private static IEnumerable<Tensor> Pieces(Tensor contiguous)
    {
        long count = contiguous.NumberOfElements;
        if (count == 0) yield break;
        Tensor flat = contiguous.view(-1);
        long step = PieceBytes / contiguous.ElementSize;
        for (long start = 0; start < count; start += step)
        {
            using Tensor piece = flat.narrow(0, start, Math.Min(step, count - start));
            yield return piece;
        }
    }
}
