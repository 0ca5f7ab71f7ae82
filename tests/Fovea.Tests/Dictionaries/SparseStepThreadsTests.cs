using Fovea.Dictionaries;
using Fovea.Dictionaries.Kernels;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

/// <summary>Changes the number of libtorch's threads, which threads of other tests would keep: nothing else runs beside it.</summary>
[Collection(TensorCounts.Name)]
public sealed class SparseStepThreadsTests
{
    [Fact]
    public void Threads_change_no_bit()
    {
        var states = new List<byte[]>();
        int before = get_num_threads();
        try
        {
            foreach (int threads in (int[])[1, 2])
            {
                set_num_threads(threads);
                using var autoencoder = Samples.Create("topk", 40, 256, ScalarType.Float32);
                using var step = new SparseStep(autoencoder, autoencoder.Rule()!);
                for (int i = 0; i < 5; i++)
                {
                    using var vectors = Samples.Vectors(200, 40, ScalarType.Float32, i);
                    step.Train(vectors.data<float>().ToArray(), 1, 1, 1e-3, new AutoencoderMetrics(40, 256));
                }
                step.Publish();
                states.Add([.. autoencoder.Parameters.Values.SelectMany(parameter => parameter.bytes.ToArray())]);
            }
        }
        finally
        {
            set_num_threads(before);
        }
        Assert.Equal(states[0], states[1]);
    }
}
