using System.Text.RegularExpressions;
using Fovea.Numerics;
using Fovea.Tests.Shared;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Numerics;

[Collection(TensorCounts.Name)]
public sealed partial class GradientsTests
{
    [GeneratedRegex(@"^(?!\s*//).*(autograd\s*\.\s*(grad|backward)\b|\.\s*backward\s*\()")]
    private static partial Regex DerivativeCall();

    [Fact]
    public void They_are_the_derivatives_at_leaves_and_on_the_way()
    {
        using var scope = NewDisposeScope();
        Tensor x = tensor(new[] { 1.0, 2, 3 }).requires_grad_(true);
        Tensor square = x * x, value = (square * 5).sum();
        Tensor[] both = Gradients.Of(value, [x, square], keep: true);
        Assert.Equal([10.0, 20, 30], both[0].data<double>());
        Assert.Equal([5.0, 5, 5], both[1].data<double>());
        Assert.False(both[0].requires_grad);
        // Kept once: the second time gives the same, not the sum of both.
        Assert.Equal([10.0, 20, 30], Gradients.Of(value, x).data<double>());
        Assert.Null(x.grad);
    }

    [Fact]
    public void A_value_of_many_numbers_counts_as_its_sum_and_a_seed_weighs_them()
    {
        using var scope = NewDisposeScope();
        Tensor x = tensor(new[] { 1.0, 2, 3 }).requires_grad_(true);
        Assert.Equal([2.0, 4, 6], Gradients.Of(x * x, x).data<double>());
        Assert.Equal([2.0, 0, -6], Gradients.Pull(x * x, x, tensor(new[] { 1.0, 0, -1 })).data<double>());
    }

    [Fact]
    public void What_was_accumulated_before_stays()
    {
        using var scope = NewDisposeScope();
        Tensor x = tensor(2.0).requires_grad_(true);
        Gradients.Accumulate(x * x);
        Gradients.Accumulate(x * x);
        Assert.Equal(8, x.grad!.item<double>());
        Assert.Equal(3, Gradients.Of(x * 3, x).item<double>());
        Assert.Equal(8, x.grad!.item<double>());
    }

    [Fact]
    public void Where_there_is_none_is_said_and_nobody_dies()
    {
        using var scope = NewDisposeScope();
        Tensor x = tensor(new[] { 1.0, 2 }).requires_grad_(true), other = tensor(new[] { 1.0, 2 })
            .requires_grad_(true), plain = tensor(new[] { 1.0, 2 });
        Refused(() => Gradients.Of((plain * 2).sum(), x)); // does not know it
        Refused(() => Gradients.Of((x * 2).sum().detach(), x)); // cut off
        Refused(() => Gradients.Of((x * 2).sum(), plain)); // does not ask
        Refused(() => Gradients.Of((x * 2).sum(), [x, other])); // one of two is not connected
        Refused(() => Gradients.Of(x.gt(1).sum(), x)); // whole numbers
        Refused(() => Gradients.Pull(x * 2, x, tensor(1.0))); // a seed of another shape
        Refused(() => Gradients.Accumulate((plain * 2).sum()));
        Refused(() => Gradients.Accumulate(x * 2));
        Tensor once = (x * x).sum();
        Gradients.Of(once, x);
        Refused(() => Gradients.Of(once, x)); // the record was freed
        Tensor exp = x.exp(), used = exp.sum();
        using (no_grad()) exp.add_(1);
        Refused(() => Gradients.Of(used + (exp * exp).sum(), x)); // overwritten on the way

        static void Refused(Action gradient) => Assert.Equal(FailureKind.Configuration, Assert.Throws<FoveaException>(gradient).Kind);
    }

    /// <summary>libtorch's own calls end the process where a gradient is missing: nobody else makes them.</summary>
    [Fact]
    public void Nothing_else_of_the_library_calls_libtorch_for_derivatives()
    {
        string[] files = [.. Directory.EnumerateFiles(Path.Combine(Checkout.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))];
        Assert.Contains(files, path => path.EndsWith("Gradients.cs", StringComparison.Ordinal));
        string[] calling =
            [.. files.Where(path => File.ReadLines(path).Any(line => DerivativeCall().IsMatch(line)))
                .Select(path => Path.GetFileName(path))];
        Assert.Equal(["Gradients.cs"], calling);
        Assert.Matches(DerivativeCall(), "        return torch.autograd.grad([y], [x]);");
        Assert.Matches(DerivativeCall(), "        loss.backward();");
    }

    [Fact]
    public void No_tensor_is_left_behind()
    {
        using Tensor x = ones(3).requires_grad_(true);
        Once();
        long before = TensorCounts.Settled();
        Once();
        Assert.Equal(before, TensorCounts.Settled());

        void Once()
        {
            using Tensor square = x * x;
            Gradients.Of(square, x).Dispose();
        }
    }
}
