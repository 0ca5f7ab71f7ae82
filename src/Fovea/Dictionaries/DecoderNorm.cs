using static TorchSharp.torch;

namespace Fovea.Dictionaries;

/// <summary>
/// Keeps the decoder's rows at length 1. Without it a penalty on the codes is escaped by making codes small and rows long, and the
/// size of a code means nothing.
/// </summary>
internal static class DecoderNorm
{
    /// <summary>Rows shorter than this are left alone: they have no direction.</summary>
    private const double Smallest = 1e-12;

    /// <summary>Divides each row of <paramref name="decoder"/>, <c>[n, d]</c>, by its length, in place.</summary>
    public static void Normalize(Tensor decoder)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        decoder.div_(decoder.norm(1, true, 2).clamp_min_(Smallest));
    }

    /// <summary>
    /// Takes the part along each row out of the row's gradient: the step that only changes its length would be undone by
    /// <see cref="Normalize"/> but would fill Adam's moments.
    /// </summary>
    public static void ProjectGradient(Tensor decoder)
    {
        if (decoder.grad is not { } gradient) return;
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var along = (gradient * decoder).sum(1, keepdim: true);
        gradient.addcmul_(along, decoder, -1);
    }
}
