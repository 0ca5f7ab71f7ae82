using Fovea.Interpretation;

namespace Fovea.Runs.Stages.Features;

/// <summary>Shows an observer some of a pass's images only.</summary>
internal sealed class ImageSubset(IUnitObserver inner, IReadOnlySet<int> images) : IUnitObserver
{
    public void Add(ReadOnlySpan<float> values, int height, int width, ReadOnlySpan<int> seen)
    {
        int one = seen.Length == 0 ? 0 : values.Length / seen.Length;
        for (int i = 0; i < seen.Length; i++)
        {
            if (images.Contains(seen[i])) inner.Add(values.Slice(i * one, one), height, width, seen.Slice(i, 1));
        }
    }
}
