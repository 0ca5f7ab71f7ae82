using Fovea.Interpretation;
using Xunit;

namespace Fovea.Tests.Interpretation;

public sealed class ClassProfileTests
{
    [Theory]
    [InlineData(4, 5, 5, 1)] // the strongest class has too few images
    [InlineData(5, 5, 5, 0)]
    [InlineData(9, 4, 4, -1)] // one class alone is no comparison
    [InlineData(9, 0, 5, 0)]
    [InlineData(1, 1, 1, -1)]
    public void A_class_of_fewer_than_five_images_is_not_compared(int first, int second, int third, int top)
    {
        int[] labels = [.. Enumerable.Repeat(0, first), .. Enumerable.Repeat(1, second), .. Enumerable.Repeat(2, third)];
        var accumulator = new UnitAccumulator(
            1, latents: true, 1, 1, new TopExamplesOptions { Labels = new ImageLabels([.. Enumerable.Range(0, labels.Length)], labels, 3) },
                preActivations: false);
        for (int image = 0; image < labels.Length; image++) accumulator.Add([3f - labels[image]], [image]);
        ClassProfile profile = accumulator.Finish(UnitGroup.Neurons("layer")).Classes!;
        int[] counted =
            [.. new[] { first, second, third }.Select((images, label) => (images, label)).Where(one => one.images >= 5)
                .Select(one => one.label)];
        Assert.Equal(counted, profile.Top(0, 3));
        Assert.Equal(top < 0 ? null : top, profile.TopClass(0));
        double? expected = null;
        if (top >= 0)
        {
            double rest = counted.Where(label => label != top).Average(label => 3.0 - label);
            expected = (3 - top - rest) / (3 - top + rest);
        }
        Assert.Equal(expected ?? double.NaN, profile.Selectivity(0) ?? double.NaN, 1e-6);
        // The means themselves are given as they are, with the number of images.
        for (int label = 0; label < 3; label++)
            Assert.Equal(labels.Contains(label) ? 3.0 - label : double.NaN, profile.Mean(0, label), 1e-6);
    }
}
