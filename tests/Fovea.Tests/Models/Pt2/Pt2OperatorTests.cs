using Fovea.Imaging;
using Fovea.Models;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Pt2;

/// <summary>PyTorch's operators in exported programs, one or a few at a time, against its answers.</summary>
[Collection(TensorCounts.Name)]
public sealed class Pt2OperatorTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-operators-").FullName;

    public static TheoryData<string> Names => [.. OperatorCase.All.Select(one => one.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Its_answer_is_PyTorchs_for_images_together_and_alone(string name)
    {
        OperatorCase one = OperatorCase.All.Single(one => one.Name == name);
        string path = Path.Combine(_folder, "network.pt2");
        one.Save(path);
        using ImportedNetwork network = NetworkFile.Open(path);
        using ImageModel model = network.ToModel(Preprocessing.ImageNet(null, 6));
        using var scope = NewDisposeScope();
        Tensor images = tensor(OperatorCase.Numbers(one.Images), [2, 3, 6, 6]);
        Tensor answer = model.Forward(images), alone = model.Forward(images.narrow(0, 1, 1));
        Assert.Equal(one.Shape, answer.shape);
        float[] expected = OperatorCase.Numbers(one.Answer);
        Close(expected, answer);
        Close(expected[(expected.Length / 2)..], alone);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void Close(float[] expected, Tensor answer)
    {
        float[] numbers = [.. answer.data<float>()];
        float largest = expected.Max(Math.Abs);
        Assert.True(largest > 0);
        for (int i = 0; i < numbers.Length; i++)
            Assert.True(Math.Abs(expected[i] - numbers[i]) <= 1e-5 * largest, $"number {i} is {numbers[i]}, PyTorch's {expected[i]}");
    }
}
