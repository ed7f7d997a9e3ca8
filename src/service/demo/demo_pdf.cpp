#include "service/demo/demo_pdf.h"

#include <stdexcept>
#include <vector>

namespace portal::service {
namespace {

/// Ten digits: as the cross-reference table wants its offsets, and a length that can be filled in later.
std::string TenDigits(std::size_t number) {
  const std::string digits = std::to_string(number);
  return std::string(10 - digits.size(), '0') + digits;
}

std::string Literal(std::string_view text) {
  std::string literal = "(";
  for (const char c : text) {
    if (c == '(' || c == ')' || c == '\\') literal += '\\';
    literal += c;
  }
  return literal += ')';
}

/// Numbers objects in the order in which they come and remembers where each one starts.
class PdfFile {
 public:
  std::string text = "%PDF-1.4\n%\xE2\xE3\xCF\xD3\n";

  void Begin() {
    offsets_.push_back(text.size());
    text += std::to_string(offsets_.size()) + " 0 obj\n";
  }
  void Object(std::string_view dictionary) {
    Begin();
    text.append(dictionary).append("\nendobj\n");
  }
  void Stream(std::string_view entries, std::string_view data) {
    Begin();
    text.append("<<").append(entries).append(" /Length ").append(std::to_string(data.size()));
    text.append(" >>\nstream\n").append(data).append("\nendstream\nendobj\n");
  }
  std::string Trailer() const {
    std::string trailer = "xref\n0 " + std::to_string(offsets_.size() + 1) + "\n0000000000 65535 f \n";
    for (const std::size_t offset : offsets_) trailer += TenDigits(offset) + " 00000 n \n";
    trailer += "trailer\n<< /Size " + std::to_string(offsets_.size() + 1) + " /Root 1 0 R /Info 2 0 R >>\n";
    return trailer + "startxref\n" + TenDigits(text.size()) + "\n%%EOF\n";
  }

 private:
  std::vector<std::size_t> offsets_;
};

std::string PageContent(const DemoPdf& document) {
  std::string content = "BT /F1 20 Tf 56 770 Td " + Literal(document.title) + " Tj ET\n";
  content += "0.6 w 56 758 m 539 758 l S\nBT /F2 10.5 Tf 56 732 Td 16 TL\n";
  for (const std::string_view line : document.lines) content += Literal(line) + " Tj T*\n";
  content += "ET\n";
  if (document.picture) {
    const std::size_t height = 483 * document.picture->height / document.picture->width;
    content += "q 483 0 0 " + std::to_string(height) + " 56 70 cm /Photo Do Q\n";
  }
  return content;
}

void AppendPicture(const DemoPicture& picture, PdfFile& file) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string entries = " /Type /XObject /Subtype /Image /Width " + std::to_string(picture.width) + " /Height " +
                        std::to_string(picture.height) + " /BitsPerComponent 8 /ColorSpace [/Indexed /DeviceRGB " +
                        std::to_string(DemoPicture::kColours - 1) + " <";
  for (const DemoPicture::Colour& colour : picture.palette) {
    for (const std::uint8_t part : {colour.red, colour.green, colour.blue}) {
      entries += kHex[part >> 4];
      entries += kHex[part & 15];
    }
  }
  file.Stream(entries + ">]", picture.pixels);
}

/// The last object, so that its padding moves no other one. Its packet is in parts: before the padding, after.
void AppendMetadata(const DemoPdf& document, PdfFile& file) {
  // The identifier is the one that the XMP specification gives to every packet.
  const std::string head =
      "<?xpacket begin=\"\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF "
      "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description rdf:about=\"\" "
      "xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\" pdf:Producer=\"portal-appliance\"/></rdf:RDF></x:xmpmeta>\n";
  const std::string_view tail = "<?xpacket end=\"w\"?>";
  file.Begin();
  file.text += "<< /Type /Metadata /Subtype /XML /Length ";
  const std::size_t length_at = file.text.size();
  file.text += TenDigits(head.size() + tail.size()) + " >>\nstream\n" + head;
  const std::size_t padding_at = file.text.size();
  file.text.append(tail).append("\nendstream\nendobj\n");
  if (document.exact_size == 0) return;

  const std::size_t size = file.text.size() + file.Trailer().size();
  if (size > document.exact_size) throw std::logic_error("a PDF cannot be made as small as asked for");
  std::string padding(document.exact_size - size, ' ');
  for (std::size_t i = 99; i < padding.size(); i += 100) padding[i] = '\n';
  file.text.insert(padding_at, padding);
  file.text.replace(length_at, 10, TenDigits(head.size() + padding.size() + tail.size()));
}

}  // namespace

std::string EncodePdf(const DemoPdf& document) {
  PdfFile file;
  file.text.reserve(document.exact_size + 4096);
  const bool illustrated = document.picture != nullptr;
  file.Object("<< /Type /Catalog /Pages 3 0 R /Metadata " + std::string(illustrated ? "9" : "8") + " 0 R >>");
  file.Object("<< /Title " + Literal(document.title) +
              " /Producer (portal-appliance) /CreationDate (D:20250901101500Z) >>");
  file.Object("<< /Type /Pages /Kids [4 0 R] /Count 1 >>");
  file.Object(
      "<< /Type /Page /Parent 3 0 R /MediaBox [0 0 595 842] /Contents 7 0 R /Resources << /Font << /F1 5 0 R "
      "/F2 6 0 R >>" +
      std::string(illustrated ? " /XObject << /Photo 8 0 R >>" : "") + " >> >>");
  file.Object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>");
  file.Object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>");
  file.Stream("", PageContent(document));
  if (illustrated) AppendPicture(*document.picture, file);
  AppendMetadata(document, file);
  return file.text + file.Trailer();
}

}  // namespace portal::service
